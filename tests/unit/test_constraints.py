"""constraints.txt pins all that a deployment installs, as pyproject.toml allows."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
EXTRAS = ("postgres", "s3", "svg")


def pins() -> dict[str, set[str]]:
    """The versions of each package; some have two, for different versions of Python."""
    found: dict[str, set[str]] = {}
    text = (ROOT / "constraints.txt").read_text("utf-8")
    for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def needed() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    texts = [*project["dependencies"]]
    for extra in EXTRAS:
        texts += project["optional-dependencies"][extra]
    return [Requirement(each) for each in texts]


def test_every_requirement_is_pinned_to_what_it_allows() -> None:
    found = pins()
    for each in needed():
        versions = found[canonicalize_name(each.name)]
        assert all(each.specifier.contains(version) for version in versions), each


def test_whatever_is_needed_by_those_is_pinned_too() -> None:
    found, seen = pins(), set[str]()
    waiting = needed()
    while waiting:
        each = waiting.pop()
        key = f"{each.name}{sorted(each.extras)}"
        if key in seen:
            continue
        seen.add(key)
        assert canonicalize_name(each.name) in found, each
        waiting += [inner for inner in inside(each) if wanted(inner, each.extras)]


def inside(requirement: Requirement) -> list[Requirement]:
    try:
        return [Requirement(text) for text in requires(requirement.name) or ()]
    except PackageNotFoundError:
        return []  # not on this machine, and what it needs is not either


def wanted(requirement: Requirement, extras: set[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": each}) for each in extras or {""})


def test_no_package_index_is_named() -> None:
    text = (ROOT / "constraints.txt").read_text("utf-8")
    assert "://" not in text
    assert "--" not in text
