"""A large file that nobody decodes: sent to the server, against a copy on the same disk."""

import os
import subprocess
from pathlib import Path
from statistics import median

from bench.asker import Asker, write_video
from bench.client import Client
from bench.result import Result
from bench.servers import product
from bench.stopwatch import Stopwatch
from bench.targets import LARGE

SETTINGS = {"max_bytes": str(2 * 1024**3), "file_types": "video/mp4"}
_MB = 1_000_000
_SIZE = 100 * _MB


def large(folder: Path, *, rounds: int) -> list[Result]:
    """Send it and copy it in turns, one at a time.

    The copy's source is in the page cache, as what is sent is in memory; its file is flushed, as
    the server's is. The server takes such files in forms, so that is how it is sent.

    Args:
        folder: empty; on the disk to be measured.
        rounds: how often.
    """
    source = folder / "source"
    write_video(source, _SIZE)
    _flush(source)
    uploads, copies = [], []
    with product(folder, settings=SETTINGS) as server:
        Client(server).wait()
        asker = Asker(server)
        asker.upload_other(_SIZE)
        for _ in range(rounds):
            with Stopwatch() as watch:
                asker.upload_other(_SIZE)
            uploads.append(watch.seconds)
            copies.append(_copy(source, folder / "copy"))
    ratios = [theirs / ours for ours, theirs in zip(uploads, copies, strict=True)]
    speeds = {"product": _speed(uploads), "cp + fsync": _speed(copies)}
    seen = " / ".join(f"{each['mb_per_second']:,}" for each in speeds.values()) + " MB/s"
    return [Result(LARGE, "cp + fsync", ratios, seen=seen, details=speeds)]


def _copy(source: Path, target: Path) -> float:
    with Stopwatch() as watch:
        subprocess.run(["cp", source, target], check=True)  # noqa: S603, S607 - the system's
        _flush(target)
    target.unlink()
    return watch.seconds


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _speed(seconds: list[float]) -> dict[str, int]:
    return {"mb_per_second": round(_SIZE / _MB / median(seconds))}
