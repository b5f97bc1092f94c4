"""Add up the metrics of all workers.

Each process keeps its own in files of a folder (prometheus-client, "Multiprocess Mode"); a request
for them reads the files of all.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest, values
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from open_event_uploads.metrics.instruments import REGISTRY, reset

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

# A process id for all processes that have ended; no process has it.
_ENDED = 0
# Its methods have no types.
_MetricsFile: Any = MmapedDict


@contextmanager
def shared_metrics() -> Iterator[None]:
    """Share metrics among the processes that are started in this block.

    In a new folder: what an earlier start left behind must not be counted again.
    """
    with TemporaryDirectory(prefix="open-event-uploads-metrics-") as folder:
        # What this process did before there were workers is not counted.
        reset()
        os.environ[FOLDER] = folder
        # A spawned worker sets this at import; a forked one does not import again.
        values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]  # has no types
        yield


def exposition(*more: Collector) -> bytes:
    """Return every metric in Prometheus' text format 0.0.4.

    Args:
        more: collectors of what is not counted but looked up, the same for all workers.
    """
    registry = CollectorRegistry()
    for each in more:
        registry.register(each)
    folder = os.environ.get(FOLDER)
    if folder is None:
        return generate_latest(REGISTRY) + generate_latest(registry)
    with _locked(Path(folder)):
        merge_ended(Path(folder))
        MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]  # has no types
        return generate_latest(registry)


def merge_ended(folder: Path) -> None:
    """Add the metrics of processes that have ended to one file.

    If they were kept, there would be one more file for every worker that ever ended; if they were
    deleted, counters would fall, which Prometheus takes for a restart.
    """
    for path in folder.glob("*_*.db"):
        kind, _, process = path.stem.rpartition("_")
        if int(process) != _ENDED and not _is_alive(int(process)):
            if path.stat().st_size:  # empty if the process was killed while it made the file
                _add(path, folder / f"{kind}_{_ENDED}.db")
            path.unlink()


def _add(path: Path, total: Path) -> None:
    target = _MetricsFile(str(total))
    try:
        for key, value, timestamp, _ in _MetricsFile.read_all_values_from_file(str(path)):
            target.write_value(key, target.read_value(key)[0] + value, timestamp)
    finally:
        target.close()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # the id belongs to another user's process by now
        return False
    return True


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep every other thread and process from reading the folder."""
    with (folder / "lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
