"""The table of threats in docs/explanation/security.md names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/security.md").read_text("utf-8")
THREATS = {"A": 9, "B": 9, "C": 9, "D": 13, "E": 14, "F": 15, "G": 7}
NAMED = sorted(set(re.findall(r"`(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`", PAGE)))
# Nothing of it is built.
UNTESTED = {"E9"}


def rows() -> dict[str, str]:
    return dict(re.findall(r"^\| ([A-G][0-9]+) \|(.*)\|$", PAGE, re.MULTILINE))


def test_every_threat_has_a_row_and_a_test() -> None:
    every = {f"{part}{number}" for part, last in THREATS.items() for number in range(1, last + 1)}
    assert rows().keys() == every
    assert {name for name, text in rows().items() if "::test_" not in text} == UNTESTED


@pytest.mark.parametrize(("file", "name"), NAMED, ids=str)
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
