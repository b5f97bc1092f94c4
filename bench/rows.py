"""List the rows of the table, with the module that measures each, and the effort."""

import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.depth import measure_depth
from bench.large import measure_large_file
from bench.memory import measure_memory
from bench.result import Result
from bench.resumable import measure_resumable
from bench.start import measure_start
from bench.tail_latency import measure_tail_latency
from bench.targets import (
    DEPTH,
    DOCUMENTS,
    LARGE,
    RESUMABLE,
    RESUMABLE_MEMORY,
    START,
    STREAM,
    TAIL,
    VARIANT,
)
from bench.throughput import THROUGHPUT_ROWS, measure_throughput
from bench.thumbnails import measure_thumbnails


@dataclass(frozen=True, slots=True)
class Effort:
    """The number and size of measurements.

    Args:
        rounds: with many connections.
        seconds: length of such a round.
        few_rounds: with one request at a time.
        rows: of the larger database.
        stream_bytes: of the very large file.
    """

    rounds: int = 9
    seconds: float = 1.0
    few_rounds: int = 7
    rows: int = 1_000_000
    stream_bytes: int = 1_000_000_000


QUICK = Effort(rounds=3, seconds=0.5, few_rounds=3, rows=100_000, stream_bytes=250_000_000)
Part = Callable[[Path, Effort], list[Result]]

# Each measures all of its rows.
_PARTS: dict[tuple[str, ...], Part] = {
    (LARGE,): lambda folder, effort: measure_large_file(folder, rounds=effort.few_rounds),
    (RESUMABLE,): lambda folder, effort: measure_resumable(
        folder, rounds=effort.few_rounds - 2, size=effort.stream_bytes
    ),
    (VARIANT,): lambda folder, effort: measure_thumbnails(folder, rounds=effort.few_rounds),
    (TAIL,): lambda folder, effort: measure_tail_latency(
        folder, rounds=max(3, effort.few_rounds - 2), seconds=2 * effort.seconds
    ),
    (DOCUMENTS, STREAM, RESUMABLE_MEMORY): lambda folder, effort: measure_memory(
        folder, rounds=1 + effort.few_rounds // 3, stream_bytes=effort.stream_bytes
    ),
    (DEPTH,): lambda folder, effort: measure_depth(
        folder, few=1_000, many=effort.rows, rounds=effort.few_rounds
    ),
    (START,): lambda folder, effort: measure_start(folder, rounds=effort.few_rounds),
}
ROWS = (*THROUGHPUT_ROWS, *(name for names in _PARTS for name in names))


def measure_rows(folder: Path, names: Iterable[str], effort: Effort) -> list[Result]:
    """Measure rows, one part at a time.

    Args:
        folder: empty; on the disk to be measured.
        names: of `ROWS`.
        effort: number and size of measurements.
    """
    wanted = set(names)
    results = []
    loaded = [name for name in THROUGHPUT_ROWS if name in wanted]
    if loaded:

        def load(folder: Path, effort: Effort) -> list[Result]:
            return measure_throughput(folder, loaded, rounds=effort.rounds, seconds=effort.seconds)

        results += _measure_part(folder, "requests of many kinds", load, effort)
    for rows, part in _PARTS.items():
        if wanted.intersection(rows):
            results += _measure_part(folder, rows[0], part, effort)
    return [each for each in results if each.row in wanted]


def _measure_part(folder: Path, name: str, part: Part, effort: Effort) -> list[Result]:
    print(f"measuring: {name}", file=sys.stderr)
    scratch = folder / "part"
    scratch.mkdir()
    try:
        return part(scratch, effort)
    finally:
        shutil.rmtree(scratch)
