"""Where the marks of a chart stand; the template draws them as SVG, and no script is needed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH = 480
HEIGHT = 160
ROW_HEIGHT = 34

# Of the width of a column, what is left between it and the next.
_GAP = 0.25
# What is not nothing can be seen.
_LEAST = 2.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One value.

    Args:
        label: what it is of.
        shown: the value, as people say it.
        x, y, width, height: of its rectangle, in the chart's own units.
        url: where it leads; empty for nowhere.
    """

    label: str
    shown: str
    x: float
    y: float
    width: float
    height: float
    url: str = ""


def columns(values: Sequence[tuple[str, int, str]]) -> list[Mark]:
    """One column a value, side by side, in a box of `WIDTH` and `HEIGHT`.

    Args:
        values: label, number and the number as people say it.
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
    """One bar a value, one below the other, `ROW_HEIGHT` apart; the label stands above each.

    Args:
        values: label, number, the number as people say it, and where it leads.
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
    return round(max(_LEAST, number / largest * whole), 2)
