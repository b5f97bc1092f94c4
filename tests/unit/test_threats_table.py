"""The table of threats in docs/explanation/security.md has a row and a test for each threat."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/security.md").read_text("utf-8")
THREATS = {"A": 9, "B": 9, "C": 9, "D": 13, "E": 14, "F": 15, "G": 7}


def rows() -> dict[str, str]:
    return dict(re.findall(r"^\| ([A-G][0-9]+) \|(.*)\|$", PAGE, re.MULTILINE))


def test_every_threat_has_a_row_and_a_test() -> None:
    every = {f"{part}{number}" for part, last in THREATS.items() for number in range(1, last + 1)}
    assert rows().keys() == every
    assert [name for name, text in rows().items() if "::test_" not in text] == []
