"""Write the figures of `bench/results.json` into the documentation: `python -m bench.chart`.

Draws `docs/explanation/performance.svg` and writes the tables of
`docs/explanation/performance.md` and `bench/README.md`.
"""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from bench.process import ROOT
from bench.result import Result
from bench.table import as_markdown, as_summary, format_target, format_value, results_of

RESULTS = ROOT / "bench/results.json"
CHART = ROOT / "docs/explanation/performance.svg"
# The table that each page has.
PAGES: dict[Path, Callable[[Iterable[Result]], str]] = {
    ROOT / "docs/explanation/performance.md": as_summary,
    ROOT / "bench/README.md": as_markdown,
}
_BEGIN, _END = "<!-- made by `python -m bench.chart` -->", "<!-- until here -->"

# Pixels.
_WIDTH, _LINE, _TOP, _BOTTOM = 980, 30, 64, 44
_LEFT, _RIGHT = 380, 190
_BAR = 14
# How far from its target a figure may be before it leaves the chart, both ways.
_LEAST, _MOST = 0.05, 8.0
_TICKS = ((0.1, "a tenth"), (0.5, "half"), (1.0, "target"), (2.0, "twice"), (4.0, "4 times"))
_REACHED, _MISSED, _INK, _FAINT = "#1a7f5a", "#c2571a", "#1f2328", "#d0d7de"


def main() -> None:
    """Write the tables and draw the chart."""
    document = json.loads(RESULTS.read_text())
    CHART.write_text(draw(results_of(document)))
    for path, as_table in PAGES.items():
        path.write_text(replace_table(path.read_text(), as_table, document))


def replace_table(
    page: str, as_table: Callable[[Iterable[Result]], str], document: dict[str, Any]
) -> str:
    """Return a page with the table of a run, and the machine that it was measured on.

    Args:
        page: has the two comments that the table stands between.
        as_table: formats the table.
        document: the run, as JSON.
    """
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    machine = document["machine"]
    peers = "; ".join(f"{name}: {versions}" for name, versions in document["peers"].items())
    facts = (
        f"Taken on {document['taken']}: {machine['processor']}; {machine['system']}; Python "
        f"{machine['python']}; {machine['packages']}. Compared with {peers}."
    )
    table = as_table(results_of(document))
    return f"{before}{_BEGIN}\n\n{table}\n\n{facts}\n\n{_END}{after}"


def draw(results: Sequence[Result]) -> str:
    """Draw how near each figure is to its target: SVG 1.1, a bar each, on a logarithmic scale.

    Args:
        results: those without a target are left out.
    """
    shown = [each for each in results if each.target]
    height = _TOP + _LINE * len(shown) + _BOTTOM
    reached = sum(bool(each.is_reached) for each in shown)
    title = f"{reached} of {len(shown)} targets are reached"
    size = f'width="{_WIDTH}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {size}',
        f' font-family="sans-serif" font-size="13" fill="{_INK}" role="img">',
        f"<title>{title}</title>",
        f'<rect {size} fill="white"/>',
        _text(16, 28, title),
        *_scale(height),
    ]
    for number, result in enumerate(shown):
        parts += _line(result, _TOP + _LINE * number)
    return "\n".join([*parts, "</svg>", ""])


def _scale(height: int) -> list[str]:
    bottom = height - _BOTTOM + 6
    parts = []
    for share, name in _TICKS:
        at, ink = _x(share), _INK if share == 1 else _FAINT
        parts.append(_stroke((at, _TOP - 8), (at, bottom), ink))
        parts.append(_text(at, bottom + 18, name, anchor="middle"))
    return parts


def _line(result: Result, top: int) -> list[str]:
    """Draw the name, a bar from the target to the figure, the range of rounds, and both numbers."""
    shares = [_share(result, each) for each in result.rounds]
    here, target = _x(_share(result, result.value)), _x(1)
    low, high = _x(min(shares)), _x(max(shares))
    colour = _REACHED if result.is_reached else _MISSED
    middle = top + _LINE / 2
    left, width = min(here, target), max(abs(here - target), 1)
    words = f"{format_value(result.value, result.unit)}   {format_target(result)}"
    bar = f'x="{left:.1f}" y="{middle - _BAR / 2:.1f}" width="{width:.1f}" height="{_BAR}"'
    return [
        _text(_LEFT - 12, middle + 4, f"{result.row} : {result.against}", anchor="end"),
        f'<rect {bar} fill="{colour}"/>',
        _stroke((low, middle), (high, middle), _INK),
        _text(_WIDTH - _RIGHT + 16, middle + 4, words, colour=colour),
    ]


def _share(result: Result, value: float) -> float:
    """Return figure / target, turned so that more than 1 is better."""
    assert result.target is not None
    bound = result.target.bound
    return value / bound if result.target.at_least else bound / max(value, bound / _MOST)


def _x(share: float) -> float:
    """Return the x coordinate of a share of the target, in pixels."""
    within = min(max(share, _LEAST), _MOST)
    whole = math.log(_MOST / _LEAST)
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * math.log(within / _LEAST) / whole


def _stroke(begin: tuple[float, float], end: tuple[float, float], ink: str) -> str:
    (x1, y1), (x2, y2) = begin, end
    place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {place} stroke="{ink}" stroke-width="1.5"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = _INK) -> str:
    style = f'text-anchor="{anchor}" fill="{colour}" xml:space="preserve"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'


if __name__ == "__main__":
    main()
