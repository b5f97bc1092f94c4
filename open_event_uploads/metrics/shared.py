"""The figures of all workers together.

Each process keeps its own in files of a folder (prometheus-client, "Multiprocess Mode"), and
whoever is asked reads those of all.
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

from open_event_uploads.metrics.instruments import REGISTRY, begin_anew

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

# Stands for all processes that are gone; none has this id.
_GONE = 0
# Its methods have no types.
_FILE: Any = MmapedDict


@contextmanager
def shared_metrics() -> Iterator[None]:
    """Have the processes that are started from here add their figures up.

    In a folder of their own: what an earlier start left behind must not be counted again.
    """
    with TemporaryDirectory(prefix="open-event-uploads-metrics-") as folder:
        # What this process did before any worker was there is nobody's.
        begin_anew()
        os.environ[FOLDER] = folder
        # A worker that is spawned finds this out by itself, one that is forked does not.
        values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]  # has no types
        yield


def exposition(*more: Collector) -> bytes:
    """Every figure, in Prometheus' text format 0.0.4.

    Args:
        more: what is not counted here but looked up, the same for all workers.
    """
    registry = CollectorRegistry()
    for each in more:
        registry.register(each)
    folder = os.environ.get(FOLDER)
    if folder is None:
        return generate_latest(REGISTRY) + generate_latest(registry)
    with _turn(Path(folder)):
        fold_gone(Path(folder))
        MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]  # has no types
        return generate_latest(registry)


def fold_gone(folder: Path) -> None:
    """Add the figures of processes that are gone to those of one file.

    Left where they are, they would be a file more for every worker that ever died; removed, every
    counter would fall, which Prometheus takes for a restart.

    Args:
        folder: nobody else reads it or folds meanwhile.
    """
    for path in folder.glob("*_*.db"):
        kind, _, process = path.stem.rpartition("_")
        if int(process) != _GONE and not _is_alive(int(process)):
            if path.stat().st_size:  # none, where it was killed as it began
                _add(path, folder / f"{kind}_{_GONE}.db")
            path.unlink()


def _add(path: Path, total: Path) -> None:
    target = _FILE(str(total))
    try:
        for key, value, timestamp, _ in _FILE.read_all_values_from_file(str(path)):
            target.write_value(key, target.read_value(key)[0] + value, timestamp)
    finally:
        target.close()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's by now
        return False
    return True


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Be the only one, of all threads and processes, who reads the folder."""
    with (folder / "turn").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
