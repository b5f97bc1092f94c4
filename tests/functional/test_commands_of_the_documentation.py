"""Run the commands of the documentation, page by page, against the real server."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from open_event_uploads.settings import Settings, load_settings
from tests.documentation import PAGES, ROOT, Block, Shell, blocks
from tests.images import landscape
from tests.server import Server

pytestmark = pytest.mark.default_stack("pages name the embedded default")

BLOCKS = [block for page in PAGES for block in blocks(page)]

# Pages whose commands do not run here, and why.
TAKES_MINUTES = "takes minutes: CI runs it, or nobody does without need"
IMPORTED = "needs the other system: tests/functional/test_import_from_other_systems.py"
NOT_RUN = {
    "CONTRIBUTING.md": TAKES_MINUTES,
    "README.md": "`make run` and a new environment: tests/release/",
    "bench/README.md": TAKES_MINUTES,
    "docs/explanation/performance.md": TAKES_MINUTES,
    "docs/explanation/reliability.md": TAKES_MINUTES,
    "docs/explanation/this-site.md": "tests/release/test_site.py builds the site",
    "docs/explanation/scaling.md": "names machines: tests/functional/test_move_house.py",
    "docs/how-to/admin.md": "tests/browser/test_admin.py itself",
    "docs/how-to/backup.md": "tests/functional/test_backup.py, while clients write",
    "docs/how-to/direct-uploads.md": "needs a bucket: tests/functional/test_direct_uploads.py",
    "docs/how-to/docker.md": "needs Docker: tests/release/test_container.py",
    "docs/how-to/ember.md": "tests/browser/test_ember_page.py, in Chromium",
    "docs/how-to/import-from-active-storage.md": IMPORTED,
    "docs/how-to/import-from-directus.md": IMPORTED,
    "docs/how-to/import-from-open-event.md": "tests/functional/test_import_from_open_event.py",
    "docs/how-to/import-from-strapi.md": IMPORTED,
    "docs/how-to/js-client.md": "fetches from npm: tests/clients/test_js_client_page.py",
    "docs/how-to/kubernetes.md": "needs a cluster: tests/release/test_kubernetes.py",
    "docs/how-to/postgresql.md": "needs PostgreSQL: tests/functional/test_postgres.py",
    "docs/how-to/react.md": "tests/browser/test_react.py",
    "docs/how-to/systemd.md": "installs a unit: tests/release/test_systemd.py",
    "docs/how-to/upload-element.md": "fetches from npm: tests/browser/test_upload_element.py",
    "docs/tutorial/index.md": "tests/browser/test_tutorial.py, to the picture in the application",
    "examples/README.md": "tests/browser/test_gallery.py",
}
# A reader types the password; here is no terminal that asks for it.
PRELUDES = {
    "docs/how-to/accounts.md": """
open-event-uploads() {
  case "$*" in
    "users create"*)
      echo 'correct horse battery staple' | command open-event-uploads "$@" --password-stdin ;;
    *) command open-event-uploads "$@" ;;
  esac
}
"""
}

RUN = sorted({block.page for block in BLOCKS if block.language == "sh"} - NOT_RUN.keys())
SETTINGS = [block for block in BLOCKS if block.language == "ini"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    # The draft of the IETF is on where resumable.md says so.
    server = Server(folder, workers="1", resumable_draft="true")
    yield server
    server.stop()


@pytest.fixture
def shell(server: Server, tmp_path: Path) -> Shell:
    """A folder with the files that pages name, and an admin's token."""
    picture = landscape("#9cc5d9", "#f4d58d")
    files = {"talk.png": picture, "plan.png": picture, "first": picture[:1000]}
    files |= {"rest": picture[1000:], "pictures/stage.jpg": picture}
    (tmp_path / "pictures").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    data = str(server.storage.parent)
    return Shell(tmp_path, server.address, {"TOKEN": server.token, "UPLOADS_DATA_DIR": data})


def test_a_block_says_what_it_is() -> None:
    assert [block for block in BLOCKS if not block.language] == []


def test_each_reason_is_that_of_a_page() -> None:
    assert NOT_RUN.keys() <= {block.page for block in BLOCKS if block.language == "sh"}
    named = re.findall(r"tests/\w+/\w+\.py", " ".join(NOT_RUN.values()))
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.parametrize("page", RUN)
def test_the_commands_of_a_page_do_what_it_says(shell: Shell, page: str) -> None:
    commands = [each.text for each in BLOCKS if (each.page, each.language) == (page, "sh")]
    done = replace(shell, prelude=PRELUDES.get(page, "")).run("\n".join(commands))
    assert done.returncode == 0, done.stdout + done.stderr
    assert [answer for answer in shell.answers() if answer[0] >= 400] == []
    for command in shell.installed():
        check_requirement(command)


def check_requirement(command: str) -> None:
    """Check that an extra which pip is asked for is one that there is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = re.search(r"open-event-uploads(?:\[([\w,]+)\])?", command)
    assert found, command
    asked = set(found[1].split(",")) if found[1] else set()
    assert asked <= project["optional-dependencies"].keys()


@pytest.mark.parametrize("block", SETTINGS, ids=lambda block: f"{block.page}: {block.first_line}")
def test_settings_that_a_page_shows_are_accepted(
    block: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [each.split("=", 1) for each in shlex.split(block.text, comments=True)]
    known = {f"UPLOADS_{name.upper()}" for name in Settings.model_fields}
    assert {key for key, _ in pairs} <= known
    # It is required wherever more than one worker must have it, and no page shows one.
    monkeypatch.setenv("UPLOADS_SECRET_KEY", "s" * 40)
    for key, value in pairs:
        # One after the other, because a page also shows several values to choose from.
        if value != "…":
            monkeypatch.setenv(key, value)
        load_settings()
