"""Compute where the marks of a chart stand; the template draws them as SVG without a script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 480
HEIGHT = 160
ROW_HEIGHT = 34

# The part of a column's width that is left empty before the next column.
_GAP = 0.25
# The least length of a value above zero, so that it can be seen.
_MIN_LENGTH = 2.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Hold the rectangle of one value.

    Args:
        label: names what has the value.
        shown: the value as text.
        x, y, width, height: of the rectangle, in the units of the chart.
        url: the target of its link; empty for none.
    """

    label: str
    shown: str
    x: float
    y: float
    width: float
    height: float
    url: str = ""


def place_columns(values: Sequence[tuple[str, int, str]]) -> list[Mark]:
    """Return a column for each value, side by side in a box of `WIDTH` and `HEIGHT`.

    Args:
        values: label, number, and the number as text.
    """
    largest = max((number for _, number, _ in values), default=0)
    step = WIDTH / max(len(values), 1)
    marks = []
    for n, (label, number, shown) in enumerate(values):
        height = _length(number, largest, HEIGHT)
        x, width = round(n * step, 2), round(step * (1 - _GAP), 2)
        marks.append(Mark(label, shown, x, round(HEIGHT - height, 2), width, height))
    return marks


def place_bars(values: Iterable[tuple[str, int, str, str]]) -> list[Mark]:
    """Return a bar for each value, each `ROW_HEIGHT` below the one before, under its label.

    Args:
        values: label, number, the number as text, and the target of a link.
    """
    given = list(values)
    largest = max((number for _, number, _, _ in given), default=0)
    return [
        Mark(label, shown, 0, n * ROW_HEIGHT + 18, _length(number, largest, WIDTH), 8, url)
        for n, (label, number, shown, url) in enumerate(given)
    ]


def _length(number: int, largest: int, whole: int) -> float:
    if number <= 0:
        return 0.0
    return round(max(_MIN_LENGTH, number / largest * whole), 2)
