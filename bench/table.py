"""Results as lines of a table, for a terminal and for a page; with the machine, as JSON."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.peer import versions
from bench.result import RATIO, Result, from_json

_WIDTH = 150  # characters, where the terminal does not say
TITLES = ("work", "against", "figure", "lowest to highest", "to reach", "reached", "seen")
_LEFT = frozenset({"work", "against", "seen"})


def print_results(results: Iterable[Result]) -> None:
    """Print one line a result."""
    table = Table(box=MARKDOWN)
    for title in TITLES:
        table.add_column(title, justify="left" if title in _LEFT else "right", no_wrap=True)
    for result in results:
        table.add_row(*cells(result))
    Console(width=_WIDTH).print(table)


def as_markdown(results: Iterable[Result]) -> str:
    """The same table for a page."""
    rules = ("---" if title in _LEFT else "---:" for title in TITLES)
    lines = [TITLES, tuple(rules), *(cells(result) for result in results)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cells(result: Result) -> Sequence[str]:
    """A line of the table."""
    low, high = (number(each) for each in (min(result.rounds), max(result.rounds)))
    reached = {None: "", True: "yes", False: "**no**"}[result.is_reached]
    return (
        result.row,
        result.against,
        said(result.value, result.unit),
        f"{low} to {high}",
        to_reach(result),
        reached,
        result.seen,
    )


def said(value: float, unit: str) -> str:
    """A figure with its unit."""
    return f"{number(value)} {unit}"


def to_reach(result: Result) -> str:
    """The target in words; nothing where there is none."""
    if result.target is None:
        return ""
    unit = "" if result.unit == RATIO else f" {result.unit}"
    return f"{'≥' if result.target.at_least else '≤'} {result.target.bound:g}{unit}"


def number(value: float) -> str:
    """With as many digits as say something."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2  # noqa: PLR2004 - three digits in all
    return f"{value:,.{digits}f}"


def as_json(
    results: Iterable[Result], facts: dict[str, str], effort: dict[str, Any]
) -> dict[str, Any]:
    """Everything that was measured, and on what."""
    results = list(results)
    return {
        "taken": datetime.now(UTC).date().isoformat(),
        "machine": facts,
        "peer": versions() if any(each.against == "peer" for each in results) else "none",
        "effort": effort,
        "results": [each.as_json() for each in results],
    }


def results_of(document: dict[str, Any]) -> list[Result]:
    """What `as_json` wrote."""
    return [from_json(each) for each in document["results"]]
