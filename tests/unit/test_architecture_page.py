"""The page about the architecture names files and functions that exist, and all packages."""

import ast
import re
from pathlib import Path

import pytest

import open_event_uploads
from tests.unit.test_architecture import ALLOWED

PACKAGE = Path(open_event_uploads.__file__).parent
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/architecture.md").read_text("utf-8")

_PATH = r"[a-z_]+(?:/[a-zA-Z_]+)*(?:/|\.py|\.md|\.txt)|README\.md"
PATHS = sorted(set(re.findall(rf"`({_PATH})`", PAGE)))
# `file.py`: `function()`, `Class` and `other()`
NAMED = [
    (path, name)
    for path, names in re.findall(
        rf"`({_PATH})`: ((?:`[A-Za-z_]+(?:\(\))?`(?:, | and | or )?)+)", PAGE
    )
    for name in re.findall(r"`([A-Za-z_]+)", names)
]


def find(path: str) -> Path:
    return next(each for folder in (PACKAGE, ROOT) if (each := folder / path).exists())


@pytest.mark.parametrize("path", PATHS)
def test_a_file_exists(path: str) -> None:
    assert any((folder / path).exists() for folder in (PACKAGE, ROOT))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_file_defines_what_the_page_says(path: str, name: str) -> None:
    nodes = ast.walk(ast.parse(find(path).read_text("utf-8")))
    defined = {
        node.name
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    assert name in defined


def test_every_package_has_a_row() -> None:
    table = PAGE.partition("## The packages")[2].partition("\n\nA package may")[0]
    named = {each.strip("/").removesuffix(".py") for each in re.findall(rf"`({_PATH})`", table)}
    assert ALLOWED.keys() - {"__main__"} <= named


def test_imports_follow_the_rows_of_the_list() -> None:
    block = PAGE.partition("```text\n")[2].partition("```")[0]
    rows = [row.split(", ") for row in block.splitlines()]
    place = {package: number for number, row in enumerate(rows) for package in row}
    assert place.keys() == ALLOWED.keys() - {"__main__"}
    wrong = [
        (package, target)
        for package, targets in ALLOWED.items()
        for target in targets
        if package != "__main__" and place[target] <= place[package]
    ]
    # The page says so: the types of its values.
    assert set(wrong) <= {("settings", "imaging")}


def test_the_page_names_enough() -> None:
    assert len(PATHS) > 60
    assert len(NAMED) > 40
