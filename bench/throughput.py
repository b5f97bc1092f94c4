"""Load the product, the floor, the peers and static files in alternating rounds."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

from bench.compare import Starter, compare
from bench.directus import directus
from bench.directus_workload import DirectusWorkload
from bench.install import PEERS, install_node, install_python
from bench.measure import Figures, Row
from bench.peer import peer
from bench.result import Result
from bench.servers import floor, product, static
from bench.static_workload import StaticWorkload
from bench.targets import PROCESSOR

_UPLOAD = "upload, 20 KB"
# Reads come first, so that the number of rows and the memory are the same in every run.
_KINDS = ("read of one", "list of 50", "bytes, 20 KB", _UPLOAD, "upload, 330 KB", "upload, 3.5 MB")
THROUGHPUT_ROWS = (*_KINDS, PROCESSOR)
# So that a window has some dozens of them.
_LONGER = {"upload, 3.5 MB": 2}
# Django serves files for development only.
_NOT_COMPARED = {("bytes, 20 KB", "peer")}
# Servers that know a few kinds of request.
_SPECIAL = {
    "static": {"bytes, 20 KB"},
    "Directus": {_UPLOAD, "upload, 330 KB", "list of 50"},
}


def measure_throughput(
    folder: Path, names: Iterable[str], *, rounds: int, seconds: float
) -> list[Result]:
    """Measure rows by the rate of requests, and by their processor time.

    Args:
        folder: empty; on the disk to be measured.
        names: of `THROUGHPUT_ROWS`.
        rounds: windows for each kind and server.
        seconds: length of a window.
    """
    wanted = {_UPLOAD if name == PROCESSOR else name for name in names}
    rows = compare(
        folder,
        _starters(wanted),
        [kind for kind in _KINDS if kind in wanted],
        rounds=rounds,
        seconds=lambda name: seconds * _LONGER.get(name, 1),
        workloads={"static": StaticWorkload, "Directus": DirectusWorkload},
        skipped=_NOT_COMPARED,
    )
    return [result for row in rows for result in _results(row)]


def _starters(wanted: set[str]) -> dict[str, Starter]:
    """Return the servers that know a kind of request; without peers that cannot be installed."""
    starters: dict[str, Starter] = {"product": product, "floor": floor, "static": static}
    peers: dict[str, tuple[Callable[[str], Path], Starter]] = {
        "peer": (install_python, peer),
        "Directus": (install_node, directus),
    }
    for name, (install, start) in peers.items():
        try:
            install(PEERS[name])
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{name} is not measured, since it cannot be installed: {error}", file=sys.stderr)
        else:
            starters[name] = start
    return {
        name: start
        for name, start in starters.items()
        if not _SPECIAL.get(name, wanted).isdisjoint(wanted)
    }


def _results(row: Row) -> list[Result]:
    results = [_result(row, "product", other, other) for other in row.others]
    if row.name.startswith("upload") and "peer" in row.figures:
        # Shows where even the floor is not faster than the peer, which does less.
        results.append(_result(row, "floor", "peer", "peer, by the floor"))
    if row.name == _UPLOAD:
        results.append(_processor_result(row))
    return results


def _processor_result(row: Row) -> Result:
    times = {name: median(row.figures[name].processor_ms) for name in ("product", "floor")}
    seen = " / ".join(f"{each:.2f}" for each in times.values()) + " ms"
    details = {name: {"processor_ms": round(each, 3)} for name, each in times.items()}
    ratios = row.processor_ratios("floor")
    return Result(PROCESSOR, "floor", ratios, at_least=False, seen=seen, details=details)


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
        "processor_ms": round(median(figures.processor_ms), 3),
        "peak_bytes": figures.peak_bytes,
    }
