"""docs/jsonapi.md: each requirement names tests, and each of them is there."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs/jsonapi.md"

HEADER = "| § | requirement | test |"
RULE = "|---|---|---|"

# A chapter with fewer rows has lost some.
FEWEST = {
    "Content negotiation": 12,
    "Document structure": 40,
    "Fetching data": 28,
    "Creating, updating and deleting": 28,
    "Query parameters": 7,
    "Errors": 8,
    "Atomic Operations": 25,
    "Cursor Pagination": 25,
}


class Row(NamedTuple):
    """A line of a table; the number is the line's in the page."""

    number: int
    chapter: str
    section: str
    requirement: str
    tests: str


def rows() -> list[Row]:
    found, chapter = [], ""
    for number, line in enumerate(PAGE.read_text("utf-8").splitlines(), 1):
        if line.startswith("## "):
            chapter = line.removeprefix("## ")
        if line.startswith("|") and line not in {HEADER, RULE}:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert len(cells) == 3, f"line {number} does not have three cells"
            found.append(Row(number, chapter, *cells))
    return found


ROWS = rows()

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"line {row.number}")


@cache
def functions_of(path: Path) -> set[str]:
    """Every test in a module: `name`, or `Class::name`."""
    module = ast.parse(path.read_text("utf-8"))
    inside = [
        (f"{node.name}::", node.body) for node in module.body if isinstance(node, ast.ClassDef)
    ]
    return {
        prefix + node.name
        for prefix, body in [("", module.body), *inside]
        for node in body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize("chapter", FEWEST)
def test_a_chapter_has_its_table(chapter: str) -> None:
    assert sum(row.chapter == chapter for row in ROWS) >= FEWEST[chapter]
    text = PAGE.read_text("utf-8")
    assert f"\n## {chapter}\n\n{HEADER}\n{RULE}\n| " in text


def test_there_are_no_other_tables() -> None:
    assert {row.chapter for row in ROWS} == FEWEST.keys()


@every_row
def test_a_requirement_has_a_section_and_words(row: Row) -> None:
    assert row.section
    assert len(row.requirement.split()) > 1


@every_row
def test_a_requirement_names_tests_that_are_there(row: Row) -> None:
    # Nothing but names stands in the cell, so that none of them is overlooked.
    names = re.findall(r"`([^`]+)`", row.tests)
    assert names
    assert row.tests == ", ".join(f"`{name}`" for name in names)
    assert len(set(names)) == len(names)
    for name in names:
        path, _, function = name.partition("::")
        assert (TESTS / path).is_file(), path
        assert function.rpartition("::")[2].startswith("test_"), name
        assert function in functions_of(TESTS / path), name


def test_no_requirement_stands_twice() -> None:
    stated = [(row.chapter, row.section, row.requirement.lower()) for row in ROWS]
    assert sorted(stated) == sorted(set(stated))
