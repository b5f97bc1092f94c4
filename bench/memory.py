"""Measure peak memory: ten documents with large JPEGs at once, and one very large file."""

import io
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from PIL import Image

from bench.api_client import PICTURE, ApiClient
from bench.large import SETTINGS
from bench.meter import Look, Meter, look_at
from bench.process import Server
from bench.result import Result
from bench.servers import product
from bench.targets import DOCUMENTS, RESUMABLE_MEMORY, STREAM
from bench.tus_client import TusClient
from bench.workload import UploadWorkload, document

_AT_ONCE = 10
# Noise of this size is a JPEG of 20 MB at this quality, and has 17 million pixels.
_WIDTH, _HEIGHT, _QUALITY = 5000, 3400, 95
_MIB = 1024 * 1024
# Ten times as many bytes must not take more memory.
_SHORTER_BYTES = 100_000_000


def measure_memory(folder: Path, *, rounds: int, stream_bytes: int) -> list[Result]:
    """Send both to warmed servers, and measure the peaks.

    Args:
        folder: empty.
        rounds: how often.
        stream_bytes: size of the very large file.
    """
    file = _noise()
    body, decoded = document(file), _AT_ONCE * len(file)
    streams, forms, resumed, growths, documents = [], [], [], [], []
    for number in range(rounds):
        with _warm(folder / f"files-{number}", SETTINGS) as (server, look):
            streams.append(_stream(server, look, lambda client: client.send(stream_bytes)))
            forms.append(_stream(server, look, lambda client: client.send_form(stream_bytes)))
            shorter = _stream(server, look, lambda client: _resumable(client, _SHORTER_BYTES))
            resumed.append(_stream(server, look, lambda client: _resumable(client, stream_bytes)))
            growths.append(resumed[-1] - shorter)
        with _warm(folder / f"documents-{number}", {}) as (server, look):
            documents.append(_documents(server, look, body))
    seen = f"{median(documents) / _MIB:.0f} / {decoded / _MIB:.0f} MiB"
    ratios = [each / decoded for each in documents]
    return [
        Result(DOCUMENTS, "decoded bytes", ratios, at_least=False, seen=seen),
        Result(STREAM, "idle", streams, unit="MiB", at_least=False),
        Result(STREAM, "idle, by form", forms, unit="MiB", at_least=False),
        Result(RESUMABLE_MEMORY, "idle", resumed, unit="MiB", at_least=False),
        Result(RESUMABLE_MEMORY, "100 MB", growths, unit="MiB", at_least=False),
    ]


@contextmanager
def _warm(folder: Path, settings: Mapping[str, str]) -> Iterator[tuple[Server, Look]]:
    """Run a server that has created its threads, connections and decoders."""
    folder.mkdir()
    small = document(PICTURE)
    with product(folder, settings=settings) as server, look_at(server.process.pid) as (how, look):
        print(f"memory is measured by {how}", file=sys.stderr)
        UploadWorkload(server).wait()
        for _ in range(4):
            _at_once(server, small)
        if settings:
            for _ in range(2):
                ApiClient(server).send(_MIB)
                ApiClient(server).send_form(_MIB)
                _resumable(ApiClient(server), _MIB)
        yield server, look


def _noise() -> bytes:
    pixels = random.Random(1).randbytes(_WIDTH * _HEIGHT * 3)  # noqa: S311 - a picture, no secret
    stream = io.BytesIO()
    Image.frombytes("RGB", (_WIDTH, _HEIGHT), pixels).save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()


def _stream(server: Server, look: Look, send: Callable[[ApiClient], object]) -> float:
    """Return the peak above idle in MiB."""
    client = ApiClient(server)
    with Meter(look) as meter:
        send(client)
    return meter.above_idle / _MIB


def _resumable(client: ApiClient, size: int) -> str:
    return TusClient(client).send(size)


def _documents(server: Server, look: Look, body: bytes) -> int:
    """Return the peak above idle in bytes."""
    with Meter(look) as meter:
        _at_once(server, body)
    return meter.above_idle


def _at_once(server: Server, body: bytes) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for sent in [pool.submit(ApiClient(server).post, body) for _ in range(_AT_ONCE)]:
            sent.result()
