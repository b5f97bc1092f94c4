"""`docs/jsonapi.md`: every row names tests, and they exist."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "jsonapi.md").read_text("utf-8")

_ROW = re.compile(r"^\| (?P<rule>.+?) \| (?P<tests>.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`([^`]+\.py)::(test_[a-z0-9_]+)`")
ROWS = [
    (match["rule"], match["tests"])
    for match in _ROW.finditer(PAGE)
    if match["rule"] not in {"the server", "---"}
]

# What the specifications demand of servers; a row that is lost would not be missed otherwise.
_PARTS = {"JSON:API 1.1": 90, "Atomic Operations": 15, "Cursor Pagination": 16}


@cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("rule", "tests"), ROWS, ids=[rule for rule, _ in ROWS])
def test_a_row_names_tests_that_exist(rule: str, tests: str) -> None:
    assert "MUST" in rule or "SHOULD" in rule
    named = _TEST.findall(tests)
    assert named
    # Nothing stands in the cell but tests.
    assert _TEST.sub("", tests).replace(",", "").strip() == ""
    for file, name in named:
        assert name in functions_of(file), f"{file}::{name}"


def test_no_rule_stands_twice() -> None:
    assert [rule for rule, times in Counter(rule for rule, _ in ROWS).items() if times > 1] == []


@pytest.mark.parametrize(("part", "rows"), _PARTS.items())
def test_every_part_is_there(part: str, rows: int) -> None:
    section = PAGE.partition(f"\n## {part}\n")[2].partition("\n## ")[0]
    assert len(_ROW.findall(section)) >= rows
