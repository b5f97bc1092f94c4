"""The tests that pages of the documentation name exist, and each promise has some."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = sorted(
    {
        named
        for page in (ROOT / "docs").rglob("*.md")
        for named in re.findall(
            r"`(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+|\*)`", page.read_text("utf-8")
        )
    }
)
PROMISES = re.split(
    r"^## ", (ROOT / "docs/explanation/promises.md").read_text("utf-8"), flags=re.MULTILINE
)[1:]


@cache
def names_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    named = {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
    return {each for each in named if each.startswith("test_")}


@pytest.mark.parametrize(("file", "name"), NAMED, ids=str)
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    assert name in names_in(file) or (name == "*" and names_in(file))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda text: text.partition("\n")[0])
def test_every_row_of_a_promise_names_a_test(promise: str) -> None:
    rows = re.findall(r"^\| (?!\||-)(.*) \|$", promise, re.MULTILINE)
    assert len(rows) >= 3
    assert [row for row in rows if "::" not in row] == []


def test_there_are_as_many_promises_as_the_design_has() -> None:
    assert len(PROMISES) == 6
