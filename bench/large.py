"""Measure uploads of a large file without decoding, against a copy on the same disk."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.api_client import PICTURE, ApiClient, padded
from bench.result import Result
from bench.servers import product
from bench.stopwatch import Stopwatch
from bench.targets import LARGE
from bench.workload import UploadWorkload

# `keep`, because bytes after the end of a picture are metadata, which `strip` removes.
SETTINGS = {"max_bytes": str(2 * 1024**3), "file_types": "video/mp4", "metadata": "keep"}
_MB = 1_000_000
_SIZE = 100 * _MB
_Action = Callable[[], object]


def measure_large_file(folder: Path, *, rounds: int) -> list[Result]:
    """Send a file as a raw body, copy it, and send it in a form, in alternation.

    The source of the copy is in the page cache, as the sent bytes are in memory. The copy is
    flushed, as the server's file is.

    Args:
        folder: empty; on the disk to be measured.
        rounds: how often.
    """
    source, target = folder / "source", folder / "copy"
    with source.open("wb") as file:
        file.writelines(padded(PICTURE, _SIZE))
    _flush(source)
    with product(folder, settings=SETTINGS) as server:
        UploadWorkload(server).wait()
        client = ApiClient(server)
        actions: dict[str, _Action] = {
            "product": lambda: client.send(_SIZE),
            "cp + fsync": lambda: _copy(source, target),
            "by form": lambda: client.send_form(_SIZE),
        }
        taken: dict[str, list[float]] = {name: [] for name in actions}
        for _ in range(rounds + 1):
            for name, action in actions.items():
                with Stopwatch() as watch:
                    action()
                taken[name].append(watch.seconds)
            target.unlink()
    # The first round warmed up.
    seconds = {name: each[1:] for name, each in taken.items()}
    return [_result(seconds, "product", ""), _result(seconds, "by form", ", by form")]


def _result(seconds: dict[str, list[float]], ours: str, how: str) -> Result:
    copies = seconds["cp + fsync"]
    ratios = [copy / its for its, copy in zip(seconds[ours], copies, strict=True)]
    speeds = {name: round(_SIZE / _MB / median(seconds[name])) for name in (ours, "cp + fsync")}
    seen = " / ".join(f"{each:,}" for each in speeds.values()) + " MB/s"
    details = {name: {"mb_per_second": each} for name, each in speeds.items()}
    return Result(LARGE, f"cp + fsync{how}", ratios, seen=seen, details=details)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", source, target], check=True)  # noqa: S603, S607 - the system's
    _flush(target)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
