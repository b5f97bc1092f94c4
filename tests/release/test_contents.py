"""What the server's distributions contain."""

import re
import sys
import tomllib
from zipfile import ZipFile

import pytest

from open_event_uploads import __version__
from tests.commands import run_command
from tests.release.packages import ROOT, Distributions, versioned_files

pytestmark = [
    pytest.mark.slow,
    pytest.mark.default_stack("packages are the same"),
]

PACKAGE, CLIENT = "open_event_uploads", "open_event_uploads_client"
DIST_INFO = f"open_event_uploads-{__version__}.dist-info"
# Nobody needs these without the repository.
ONLY_IN_THE_REPOSITORY = {".ci", ".github", ".pre-commit-config.yaml"}


def test_the_sdist_holds_the_versioned_files_and_no_others(
    server_distributions: Distributions,
) -> None:
    known = {
        each for each in versioned_files() if each.partition("/")[0] not in ONLY_IN_THE_REPOSITORY
    }
    assert server_distributions.source_names() == known | {"PKG-INFO"}


def test_the_wheel_holds_the_package_and_the_migrations_and_no_others(
    server_distributions: Distributions,
) -> None:
    known = versioned_files()
    package = {each for each in known if each.startswith(f"{PACKAGE}/")}
    migrations = {f"{PACKAGE}/{each}" for each in known if each.startswith("migrations/")}
    records = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    assert server_distributions.wheel_names() == (
        package | migrations | {f"{DIST_INFO}/{each}" for each in records}
    )


def test_templates_catalogues_pages_and_the_marker_of_types_are_in_the_wheel(
    server_distributions: Distributions,
) -> None:
    assert server_distributions.wheel_names() >= {
        f"{PACKAGE}/admin/translations/de/LC_MESSAGES/messages.mo",
        f"{PACKAGE}/py.typed",
        f"{PACKAGE}/openapi/page.html",
        f"{PACKAGE}/admin/templates/pages/base.html",
        f"{PACKAGE}/admin/static/admin.css",
        f"{PACKAGE}/migrations/env.py",
        f"{PACKAGE}/migrations/alembic.ini",
    }


def test_the_wheel_of_the_sdist_is_that_of_the_checkout(
    server_distributions: Distributions,
) -> None:
    of_sdist, of_checkout = server_distributions.wheel, server_distributions.wheel_of_checkout
    assert of_checkout
    assert of_sdist.read_bytes() == of_checkout.read_bytes()


def test_the_metadata_has_the_version_the_licence_and_every_extra(
    server_distributions: Distributions,
) -> None:
    with ZipFile(server_distributions.wheel) as archive:
        lines = archive.read(f"{DIST_INFO}/METADATA").decode().splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {f"Version: {__version__}", "License-Expression: MIT"} <= set(lines)
    extras = {each for each in lines if each.startswith("Provides-Extra: ")}
    assert extras == {f"Provides-Extra: {each}" for each in project["optional-dependencies"]}


def test_no_link_of_the_readme_is_relative_where_the_index_shows_it(
    server_distributions: Distributions,
) -> None:
    with ZipFile(server_distributions.wheel) as archive:
        readme = archive.read(f"{DIST_INFO}/METADATA").decode().partition("\n\n")[2]
    targets = [each.partition(")")[0] for each in readme.split("](")[1:]]
    assert targets
    assert [each for each in targets if not each.startswith(("https://", "#"))] == []


def test_the_client_is_in_its_distributions_with_its_types_and_the_licence(
    client_distributions: Distributions,
) -> None:
    info = f"{CLIENT}-{__version__}.dist-info"
    records = {"METADATA", "WHEEL", "RECORD", "licenses/LICENSE"}
    modules = {each for each in versioned_files(ROOT / "clients/python") if each.startswith(CLIENT)}
    assert f"{CLIENT}/py.typed" in modules
    assert client_distributions.wheel_names() == modules | {f"{info}/{each}" for each in records}
    beside = {"LICENSE", "README.md", "PKG-INFO", "pyproject.toml", ".gitignore"}
    assert client_distributions.source_names() == modules | beside


def test_every_package_has_this_version() -> None:
    printed = run_command(sys.executable, ROOT / ".ci/versions.py", f"v{__version__}").stdout
    assert len(printed.splitlines()) == 5


def test_the_changelog_keeps_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## \[(.+?)\]( - \d{4}-\d\d-\d\d)?$", text, re.MULTILINE)
    assert versions[0] == ("Unreleased", "")
    assert versions[1][0] == __version__
    assert all(date for _, date in versions[1:])
    assert len(versions) == len(re.findall(r"^## ", text, re.MULTILINE))
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= kinds
    links = re.findall(r"^\[(.+)\]: https://", text, re.MULTILINE)
    assert links == [name for name, _ in versions]
