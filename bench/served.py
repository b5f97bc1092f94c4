"""What many connections ask of the product, the floor, the peer and static files in turns."""

from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

from bench.compare import compare
from bench.measure import Figures, Row
from bench.peer import peer
from bench.result import Result
from bench.servers import floor, product, static
from bench.static_client import StaticClient

# Reads come first: how many rows there are, and how much memory an upload leaves behind, is then
# the same in every run.
ROWS = (
    "read of one",
    "list of 50",
    "bytes, 20 KB",
    "upload, 20 KB",
    "upload, 330 KB",
    "upload, 3.5 MB",
)
_STARTERS = {"product": product, "floor": floor, "peer": peer, "static": static}
# Django serves files to developers only, so nobody is compared with that.
_NOT_COMPARED = {("bytes, 20 KB", "peer")}


def served(folder: Path, names: Iterable[str], *, rounds: int, seconds: float) -> list[Result]:
    """Measure some of these rows.

    Args:
        folder: empty; on the disk to be measured.
        names: of `ROWS`.
        rounds: windows for each kind and server.
        seconds: length of a window.
    """
    rows = compare(
        folder,
        _STARTERS,
        names,
        rounds=rounds,
        seconds=seconds,
        clients={"static": StaticClient},
        skipped=_NOT_COMPARED,
    )
    return [result for row in rows for result in _results(row)]


def _results(row: Row) -> list[Result]:
    figures = {name: details_of(each) for name, each in row.figures.items()}
    ours = figures["product"]
    return [
        Result(
            row.name,
            other,
            row.ratios(other),
            seen=f"{ours['per_second']:,.0f} / {figures[other]['per_second']:,.0f} a second",
            details={"product": ours, other: figures[other]},
        )
        for other in row.others
    ]


def details_of(figures: Figures) -> dict[str, Any]:
    """What one server did."""
    return {
        "requests": len(figures.latencies),
        "per_second": round(median(figures.per_second), 1),
        "p50_ms": round(figures.percentile(50), 3),
        "p99_ms": round(figures.percentile(99), 3),
        "peak_bytes": figures.peak_bytes,
    }
