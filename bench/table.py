"""Format results as tables for a terminal and for pages, and as JSON with the machine."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.install import PEERS, describe_packages
from bench.result import RATIO, Result, from_json
from bench.rows import ROWS
from bench.targets import TAIL

_WIDTH = 150  # characters, where the terminal does not say
TITLES = ("work", "compared with", "result", "range", "target", "met", "measured")
_SUMMARY = ("work", "measured", "ratio to", "command")
_LEFT = frozenset({"work", "compared with", "measured", "ratio to", "command"})
# The first of these that a result has is the one that users look for.
_HEADLINES = {"per_second": "requests/s", "mb_per_second": "MB/s", "p50_ms": "ms"}


def print_results(results: Iterable[Result]) -> None:
    """Print a line for each result."""
    table = Table(box=MARKDOWN)
    for title in TITLES:
        table.add_column(title, justify="left" if title in _LEFT else "right", no_wrap=True)
    for result in results:
        table.add_row(*_cells(result))
    Console(width=_WIDTH).print(table)


def as_markdown(results: Iterable[Result]) -> str:
    """Format the whole table for a page."""
    return _markdown(TITLES, [_cells(result) for result in results])


def as_summary(results: Iterable[Result]) -> str:
    """Format the table for users: one line for each kind of work, with the command."""
    rows: dict[str, list[Result]] = {}
    for result in results:
        rows.setdefault(result.row, []).append(result)
    return _markdown(_SUMMARY, [_summary(name, found) for name, found in rows.items()])


def _summary(row: str, results: Sequence[Result]) -> Sequence[str]:
    ratios = [each for each in results if each.unit == RATIO and "," not in each.against]
    return (
        row,
        _headline(results[0]),
        ", ".join(f"{each.against} {number(each.value)}" for each in ratios),
        f'`python -m bench --row "{row}"`',
    )


def _headline(result: Result) -> str:
    if result.unit != RATIO:
        return format_value(result.value, result.unit)
    found = {} if result.row == TAIL else result.details.get("product", {})
    for name, unit in _HEADLINES.items():
        if name in found:
            return format_value(found[name], unit)
    return result.seen.partition(", ")[0]


def _markdown(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rules = ["---" if title in _LEFT else "---:" for title in titles]
    return "\n".join(f"| {' | '.join(line)} |" for line in [titles, rules, *rows])


def _cells(result: Result) -> Sequence[str]:
    """Return the cells of one line of the table."""
    low, high = (number(each) for each in (min(result.rounds), max(result.rounds)))
    reached = {None: "", True: "yes", False: "**no**"}[result.is_reached]
    return (
        result.row,
        result.against,
        format_value(result.value, result.unit),
        f"{low} to {high}",
        format_target(result),
        reached,
        result.seen,
    )


def format_value(value: float, unit: str) -> str:
    """Format a figure with its unit."""
    return f"{number(value)} {unit}"


def format_target(result: Result) -> str:
    """Format the target; return an empty string where there is none."""
    if result.target is None:
        return ""
    unit = "" if result.unit == RATIO else f" {result.unit}"
    return f"{'≥' if result.target.at_least else '≤'} {result.target.bound:g}{unit}"


def number(value: float) -> str:
    """Format a number with three significant digits."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2  # noqa: PLR2004 - three digits in all
    return f"{value:,.{digits}f}"


def as_json(
    results: Iterable[Result], facts: dict[str, str], effort: dict[str, Any]
) -> dict[str, Any]:
    """Return a run as JSON: its results, and the machine they were measured on."""
    results = list(results)
    references = {each.against for each in results}
    return {
        "taken": datetime.now(UTC).date().isoformat(),
        "machine": facts,
        "peers": {
            name: describe_packages(folder) for name, folder in PEERS.items() if name in references
        },
        "effort": effort,
        "results": [each.as_json() for each in results],
    }


def with_others(document: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return a run with the rows that only an earlier one has, in the order of `ROWS`.

    Args:
        document: as `as_json` made it.
        before: likewise; its machine is that of most rows, and so stays.
    """
    measured = {each["row"] for each in document["results"]}
    others = [each for each in before["results"] if each["row"] not in measured]
    results = sorted([*others, *document["results"]], key=lambda each: ROWS.index(each["row"]))
    return {**before, "results": results}


def results_of(document: dict[str, Any]) -> list[Result]:
    """Read the results that `as_json` wrote."""
    return [from_json(each) for each in document["results"]]
