"""Measure the first GET of a thumbnail: alone against Pillow, many at once against thumbor."""

import io
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from itertools import islice, repeat
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import msgspec
from PIL import Image, ImageOps

from bench.answer import WrongAnswer
from bench.api_client import ApiClient
from bench.ask import ask
from bench.images import SIZES, make_jpeg
from bench.load import CONNECTIONS
from bench.process import Server
from bench.result import Result
from bench.servers import product
from bench.stopwatch import Stopwatch
from bench.targets import VARIANT
from bench.thumbor import thumbor
from bench.workload import UploadWorkload

# As the preset `thumbnail`.
_WIDTH, _HEIGHT = 500, 375
# With many connections: four thumbnails for each.
_A_ROUND = 4 * CONNECTIONS
_OPTIONS: dict[str, Any] = {"quality": 80, "method": 4}


def measure_thumbnails(folder: Path, *, rounds: int) -> list[Result]:
    """Fetch thumbnails that do not exist yet, and have others make the same.

    Args:
        folder: empty.
        rounds: how often.
    """
    file = make_jpeg(*SIZES["3.5 MB"])
    sources = folder / "sources"
    sources.mkdir()
    (sources / "photo.jpg").write_bytes(file)
    with product(folder) as server:
        UploadWorkload(server).wait()
        client = ApiClient(server)
        fresh = (_address(client, client.upload(file)) for _ in repeat(None))
        results = [_compare_with_pillow(sources / "photo.jpg", client, fresh, rounds)]
        with ExitStack() as stack:
            try:
                other = stack.enter_context(thumbor(sources))
            except subprocess.CalledProcessError as error:
                print(f"not measured against thumbor: {error}", file=sys.stderr)
            else:
                results.append(_compare_with_thumbor(server, other, fresh, rounds))
    return results


def _compare_with_pillow(
    source: Path, client: ApiClient, fresh: Iterator[str], rounds: int
) -> Result:
    """Compare the seconds of one thumbnail, in alternation.

    Pillow runs in this warm process; it reads a file and writes one, and flushes nothing.
    """
    ours, theirs = [], []
    target = source.with_suffix(".webp")
    # The first two rounds warm up both workers.
    for _ in range(rounds + 2):
        address = next(fresh)
        with Stopwatch() as watch:
            thumbnail = client.get(address)
        ours.append(watch.seconds)
        theirs.append(_make(source, target))
    if abs(len(thumbnail) - target.stat().st_size) > len(thumbnail) / 10:
        raise WrongAnswer("the thumbnail is another one than Pillow's")
    ratios = [mine / its for mine, its in zip(ours[2:], theirs[2:], strict=True)]
    times = {
        name: 1000 * median(each[2:]) for name, each in (("product", ours), ("Pillow", theirs))
    }
    seen = " / ".join(f"{each:.0f}" for each in times.values()) + " ms"
    details = {name: {"p50_ms": round(each, 1)} for name, each in times.items()}
    return Result(VARIANT, "Pillow", ratios, at_least=False, seen=seen, details=details)


def _compare_with_thumbor(
    server: Server, other: Server, fresh: Iterator[str], rounds: int
) -> Result:
    """Compare the thumbnails a second, with many connections and in alternation.

    thumbor finds the file on its disk, and keeps nothing that it makes.
    """
    other.wait_for(partial(_fetch, other, "/healthcheck"))
    options = f"filters:format(webp):quality({_OPTIONS['quality']})"
    same = repeat(f"/unsafe/{_WIDTH}x{_HEIGHT}/{options}/photo.jpg")
    rates: dict[str, list[float]] = {"product": [], "thumbor": []}
    for _ in range(rounds):
        for name, subject, addresses in (("product", server, fresh), ("thumbor", other, same)):
            rates[name].append(_rate(subject, [*islice(addresses, _A_ROUND)]))
    ratios = [mine / its for mine, its in zip(*rates.values(), strict=True)]
    medians = {name: median(each) for name, each in rates.items()}
    seen = " / ".join(f"{each:.1f}" for each in medians.values()) + " a second"
    details = {name: {"per_second": round(each, 1)} for name, each in medians.items()}
    return Result(VARIANT, "thumbor", ratios, seen=seen, details=details)


def _rate(server: Server, addresses: Sequence[str]) -> float:
    """Fetch thumbnails at once; return how many a second."""
    with ThreadPoolExecutor(CONNECTIONS) as pool, Stopwatch() as watch:
        for thumbnail in pool.map(partial(_fetch, server), addresses):
            with Image.open(io.BytesIO(thumbnail)) as image:
                if (image.format, image.size) != ("WEBP", (_WIDTH, _HEIGHT)):
                    raise WrongAnswer(f"{server.name} makes another thumbnail")
    return len(addresses) / watch.seconds


def _fetch(server: Server, address: str) -> bytes:
    """Fetch over a new connection, which whichever process is free accepts."""
    path = urlsplit(address).path
    return ask(server, "GET", path, HTTPStatus.OK, headers={"Accept": "image/webp,*/*"})


def _address(client: ApiClient, resource: dict[str, Any]) -> str:
    listed = msgspec.json.decode(client.get(f"{resource['links']['self']}/variants"))["data"]
    found: str = next(
        each["attributes"]["url"] for each in listed if each["id"].endswith("-thumbnail")
    )
    return found


def _make(source: Path, target: Path) -> float:
    """Make the thumbnail as Pillow's documentation shows, and return the seconds."""
    with Stopwatch() as watch, Image.open(source) as image:
        image.draft(None, (2 * _WIDTH, 2 * _WIDTH))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS, reducing_gap=3.0)
        upright.save(target, "WEBP", **_OPTIONS)
    return watch.seconds
