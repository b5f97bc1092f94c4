"""What uploads cost in memory: ten documents with large JPEGs at once, and one very large file."""

import io
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from PIL import Image

from bench.asker import Asker
from bench.client import Client, document
from bench.images import make_jpeg
from bench.large import SETTINGS
from bench.meter import Look, Meter, look_at
from bench.process import Server
from bench.result import Result
from bench.servers import product
from bench.targets import DOCUMENTS, STREAM

_AT_ONCE = 10
# Noise of this size is a JPEG of 20 MB at this quality, and has 17 million pixels.
_WIDTH, _HEIGHT, _QUALITY = 5000, 3400, 95
_MIB = 1024 * 1024


def memory(folder: Path, *, rounds: int, stream_bytes: int) -> list[Result]:
    """Send each to a server that has done a little of everything, and watch; a server a round.

    Args:
        folder: empty.
        rounds: how often.
        stream_bytes: size of the very large file.
    """
    file = _noise()
    streams, documents = [], []
    for number in range(rounds):
        each = folder / str(number)
        each.mkdir()
        with (
            product(each, settings=SETTINGS) as server,
            look_at(server.process.pid) as (how, look),
        ):
            _warm_up(server)
            # The file first: documents leave something behind, and it leaves nothing.
            streams.append(_stream(server, look, stream_bytes))
            documents.append(_documents(server, look, document(file)))
    decoded = _AT_ONCE * len(file)
    ratios = [each / decoded for each in documents]
    seen = f"{median(documents) / _MIB:.0f} / {decoded / _MIB:.0f} MiB"
    return [
        Result(DOCUMENTS, "decoded bytes", ratios, at_least=False, seen=seen, details={"by": how}),
        Result(STREAM, "idle", streams, unit="MiB", at_least=False, details={"by": how}),
    ]


def _noise() -> bytes:
    pixels = random.Random(1).randbytes(_WIDTH * _HEIGHT * 3)  # noqa: S311 - a picture, no secret
    stream = io.BytesIO()
    Image.frombytes("RGB", (_WIDTH, _HEIGHT), pixels).save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()


def _warm_up(server: Server) -> None:
    """What is made once is made, in each process: threads, connections, decoders."""
    Client(server).wait()
    small = document(make_jpeg(480, 320, 20_000))
    for _ in range(4):
        _at_once(server, small)
    for _ in range(2):
        Asker(server).upload_other(_MIB)


def _stream(server: Server, look: Look, size: int) -> float:
    """Peak above idle, MiB."""
    asker = Asker(server)
    with Meter(look) as meter:
        asker.upload_other(size)
    return meter.above_idle / _MIB


def _documents(server: Server, look: Look, body: bytes) -> int:
    """Peak above idle, bytes."""
    with Meter(look) as meter:
        _at_once(server, body)
    return meter.above_idle


def _at_once(server: Server, body: bytes) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for sent in [pool.submit(Asker(server).post, body) for _ in range(_AT_ONCE)]:
            sent.result()
