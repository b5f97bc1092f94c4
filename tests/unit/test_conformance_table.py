"""docs/reference/jsonapi.md: each requirement names tests, and each statement has its place."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs/reference/jsonapi.md"

STATEMENTS = TESTS / "files/normative_statements.txt"

# The chapter of each section of the statements.
CHAPTERS = {
    "content-negotiation": "Content negotiation",
    "document-structure": "Document structure",
    "reading": "Fetching data",
    "creating-updating-deleting": "Creating, updating and deleting",
    "query-parameters": "Query parameters",
    "errors": "Errors",
}

# Of the specification itself, whose statements have ids, and of what is beside it.
HEADER, RULE = "| § | requirement | statement | test |", "|---|---|---|---|"
HEADER_BESIDE, RULE_BESIDE = "| § | requirement | test |", "|---|---|---|"

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

# A reason in bold, perhaps more words, and nothing but ids after the colon.
REASON = re.compile(r"- \*\*([^*]+)\*\*[:;,. ].*: (`[^`]+`(?:, `[^`]+`)*)\.")


class Statement(NamedTuple):
    """A line of the list of statements."""

    section: str
    level: str
    id: str


class Row(NamedTuple):
    """A line of a table; the number is the line's in the page."""

    number: int
    chapter: str
    section: str
    requirement: str
    statements: tuple[str, ...]
    tests: tuple[str, ...]


def statements() -> list[Statement]:
    lines = STATEMENTS.read_text("utf-8").splitlines()
    return [Statement(*line.split()) for line in lines if not line.startswith("#")]


def names_in(cell: str) -> tuple[str, ...]:
    """Return the names in a cell, which holds nothing else, so that none of them is overlooked."""
    names = re.findall(r"`([^`]+)`", cell)
    assert cell == ", ".join(f"`{name}`" for name in names)
    assert len(set(names)) == len(names)
    return tuple(names)


def rows() -> list[Row]:
    found, chapter = [], ""
    for number, line in enumerate(PAGE.read_text("utf-8").splitlines(), 1):
        if line.startswith("## "):
            chapter = line.removeprefix("## ")
        if line.startswith("|") and line not in {HEADER, RULE, HEADER_BESIDE, RULE_BESIDE}:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if chapter not in CHAPTERS.values():
                cells.insert(2, "")
            assert len(cells) == 4, f"line {number} has another number of cells than its table"
            section, requirement, ids, tests = cells
            found.append(Row(number, chapter, section, requirement, names_in(ids), names_in(tests)))
    return found


def without_row() -> dict[str, tuple[str, ...]]:
    """Return the ids of statements without a row, by the reason."""
    _, _, chapter = PAGE.read_text("utf-8").partition("\n## What has no row\n")
    lines = chapter.partition("\n## ")[0].splitlines()
    found = {}
    for line in lines:
        if line.startswith("- "):
            match = REASON.fullmatch(line)
            assert match, line
            assert match[1] not in found
            found[match[1]] = names_in(match[2])
    return found


ROWS = rows()
ALL_STATEMENTS = statements()

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
    of_the_specification = chapter in CHAPTERS.values()
    header = f"{HEADER}\n{RULE}" if of_the_specification else f"{HEADER_BESIDE}\n{RULE_BESIDE}"
    assert f"\n## {chapter}\n\n{header}\n| " in PAGE.read_text("utf-8")


def test_there_are_no_other_tables() -> None:
    assert {row.chapter for row in ROWS} == FEWEST.keys()


@every_row
def test_a_requirement_has_a_section_and_words(row: Row) -> None:
    assert row.section
    assert len(row.requirement.split()) > 1


@every_row
def test_a_requirement_names_tests_that_are_there(row: Row) -> None:
    assert row.tests
    for name in row.tests:
        path, _, function = name.partition("::")
        assert (TESTS / path).is_file(), path
        assert function.rpartition("::")[2].startswith("test_"), name
        assert function in functions_of(TESTS / path), name


def test_the_list_of_statements_is_whole() -> None:
    # 187 lines of the two revisions together, of which two ids are in two lines each.
    assert len(ALL_STATEMENTS) == len(set(ALL_STATEMENTS)) == 187
    assert len({each.id for each in ALL_STATEMENTS}) == 185
    assert {each.section for each in ALL_STATEMENTS} == CHAPTERS.keys()
    assert {each.level for each in ALL_STATEMENTS} == {"MUST", "SHOULD", "MAY"}


def test_every_statement_has_a_row_of_its_chapter_or_a_reason_for_none() -> None:
    chapters = {each.id: CHAPTERS[each.section] for each in ALL_STATEMENTS}
    in_rows = {id_ for row in ROWS for id_ in row.statements}
    elsewhere = [id_ for ids in without_row().values() for id_ in ids]
    assert sorted([*in_rows, *elsewhere]) == sorted(chapters)
    misplaced = [
        (row.number, id_) for row in ROWS for id_ in row.statements if chapters[id_] != row.chapter
    ]
    assert misplaced == []


def test_only_a_permission_is_left_unused() -> None:
    levels = {each.id: each.level for each in ALL_STATEMENTS}
    assert {levels[id_] for id_ in without_row()["Permission not used"]} == {"MAY"}


def test_no_requirement_stands_twice() -> None:
    stated = [(row.chapter, row.section, row.requirement.lower()) for row in ROWS]
    assert sorted(stated) == sorted(set(stated))
