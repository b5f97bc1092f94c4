"""Load the product, the floor, the peer and static files in alternating rounds."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

from bench.compare import Starter, compare
from bench.install import PEERS, install_python
from bench.measure import Figures, Row
from bench.peer import peer
from bench.result import Result
from bench.servers import floor, product, static
from bench.static_workload import StaticWorkload

# Reads come first, so that the number of rows and the memory are the same in every run.
THROUGHPUT_ROWS = (
    "read of one",
    "list of 50",
    "bytes, 20 KB",
    "upload, 20 KB",
    "upload, 330 KB",
    "upload, 3.5 MB",
)
# So that a window has some dozens of them.
_LONGER = {"upload, 3.5 MB": 2}
# Django serves files for development only.
_NOT_COMPARED = {("bytes, 20 KB", "peer")}


def measure_throughput(
    folder: Path, names: Iterable[str], *, rounds: int, seconds: float
) -> list[Result]:
    """Measure rows by the rate of requests.

    Args:
        folder: empty; on the disk to be measured.
        names: of `THROUGHPUT_ROWS`.
        rounds: windows for each kind and server.
        seconds: length of a window.
    """
    rows = compare(
        folder,
        _starters(),
        names,
        rounds=rounds,
        seconds=lambda name: seconds * _LONGER.get(name, 1),
        workloads={"static": StaticWorkload},
        skipped=_NOT_COMPARED,
    )
    return [result for row in rows for result in _results(row)]


def _starters() -> dict[str, Starter]:
    """Return all servers; without the peer if its packages cannot be installed."""
    starters: dict[str, Starter] = {"product": product, "floor": floor, "static": static}
    try:
        install_python(PEERS["peer"])
    except subprocess.CalledProcessError as error:
        print(f"not measured against the peer, which cannot be installed: {error}", file=sys.stderr)
    else:
        starters["peer"] = peer
    return starters


def _results(row: Row) -> list[Result]:
    results = [_result(row, "product", other, other) for other in row.others]
    if row.name.startswith("upload") and "peer" in row.figures:
        # Shows where even the floor is not faster than the peer, which does less.
        results.append(_result(row, "floor", "peer", "peer, by the floor"))
    return results


def _result(row: Row, one: str, other: str, against: str) -> Result:
    details = {name: details_of(row.figures[name]) for name in (one, other)}
    rates = " / ".join(f"{each['per_second']:,.0f}" for each in details.values())
    ratios = row.ratios(other, one)
    return Result(row.name, against, ratios, seen=f"{rates} a second", details=details)


def details_of(figures: Figures) -> dict[str, Any]:
    """Return the figures of one server for the JSON."""
    return {
        "requests": len(figures.latencies),
        "per_second": round(median(figures.per_second), 1),
        "p50_ms": round(figures.percentile(50), 3),
        "p99_ms": round(figures.percentile(99), 3),
        "peak_bytes": figures.peak_bytes,
    }
