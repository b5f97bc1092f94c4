"""Name what became slower by more than the noise: `python -m bench.check BEFORE NOW`.

BEFORE and NOW are files of JSON. A figure is the median of its rounds, and the middle half of the
rounds shows how certain it is. A figure is slower when the middle halves lie apart and the medians
differ by a tenth. `make bench-check` measures such a row twice.
"""

import json
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from bench.result import RATIO, Result
from bench.table import format_value, results_of

# Two runs of the same code differ by this much.
_LEAST_CHANGE = 0.1
_TINY = 1e-9
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("before", type=_FILE)
@click.argument("now", type=_FILE)
def main(before: Path, now: Path) -> None:
    """Compare two runs, and exit with 1 if something became slower."""
    if not report(json.loads(before.read_text()), json.loads(now.read_text())):
        sys.exit(1)


def report(before: dict[str, Any], now: dict[str, Any]) -> bool:
    """Print what became slower, and what could not be compared.

    Args:
        before: the JSON of an earlier run.
        now: the JSON of this run.

    Returns:
        True if nothing became slower.
    """
    slower = find_slower(before, now)
    for old, new in slower:
        print(f"slower: {new.row}, against {new.against}: {_change(old, new)}")
    compared = len(_pairs(before, now))
    print(f"{compared} figures compared with those of {before['taken']}, {len(slower)} slower")
    if not _same_machine(before, now):
        print("another processor: seconds and MiB were not compared")
    if before["effort"] != now["effort"]:
        print("the other run took more or fewer rounds, or other sizes")
    return not slower


def find_slower(before: dict[str, Any], now: dict[str, Any]) -> list[tuple[Result, Result]]:
    """Return the figures that are worse by more than the noise, before and now."""
    return [(old, new) for old, new in _pairs(before, now) if is_slower(old, new)]


def _pairs(before: dict[str, Any], now: dict[str, Any]) -> list[tuple[Result, Result]]:
    """Return the figures of both runs; from another machine, only ratios."""
    known = {(each.row, each.against): each for each in results_of(before)}
    same = _same_machine(before, now)
    return [
        (known[each.row, each.against], each)
        for each in results_of(now)
        if (each.row, each.against) in known and (same or each.unit == RATIO)
    ]


def _same_machine(before: dict[str, Any], now: dict[str, Any]) -> bool:
    same: bool = before["machine"]["processor"] == now["machine"]["processor"]
    return same


def is_slower(before: Result, now: Result) -> bool:
    """Return True if a figure is worse by more than the noise.

    Args:
        before: from an earlier run.
        now: from this run.
    """
    old, new = (_goodness(each.rounds, now) for each in (before, now))
    apart = _quartile(new, 3) < _quartile(old, 1)
    return apart and statistics.median(new) < (1 - _LEAST_CHANGE) * statistics.median(old)


def _goodness(rounds: Iterable[float], result: Result) -> list[float]:
    """Return the rounds, inverted where less is better."""
    return [each if result.more_is_better else 1 / max(each, _TINY) for each in rounds]


def _quartile(values: list[float], number: int) -> float:
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=4, method="inclusive")[number - 1]


def _change(before: Result, now: Result) -> str:
    old, new = (format_value(each.value, each.unit) for each in (before, now))
    return f"{old} before, {new} now"


if __name__ == "__main__":
    main()
