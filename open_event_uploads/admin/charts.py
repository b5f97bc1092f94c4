"""Compute the shapes of charts, which templates draw as SVG without a script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 480
HEIGHT = 160
ROW_HEIGHT = 34

# The share of a column's width that separates it from the next.
_GAP = 0.25
# The length of the smallest value that is not 0, so that it can be seen.
_MIN_LENGTH = 2.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Describe the rectangle of one value.

    Args:
        label: of the value.
        shown: the value as text.
        x, y, width, height: of the rectangle, in the chart's units.
        url: of the link; empty for none.
    """

    label: str
    shown: str
    x: float
    y: float
    width: float
    height: float
    url: str = ""


def columns(values: Sequence[tuple[str, int, str]]) -> list[Mark]:
    """Return a column for each value, side by side, in a box of `WIDTH` and `HEIGHT`.

    Args:
        values: label, number, and the number as text.
    """
    largest = max((number for _, number, _ in values), default=0)
    step = WIDTH / max(len(values), 1)
    marks = []
    for n, (label, number, shown) in enumerate(values):
        tall = _length(number, largest, HEIGHT)
        left, wide = round(n * step, 2), round(step * (1 - _GAP), 2)
        marks.append(Mark(label, shown, left, round(HEIGHT - tall, 2), wide, tall))
    return marks


def bars(values: Iterable[tuple[str, int, str, str]]) -> list[Mark]:
    """Return a bar for each value, one below the other, `ROW_HEIGHT` apart, with its label above.

    Args:
        values: label, number, the number as text, and the URL of the link.
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
