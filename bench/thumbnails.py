"""Measure the first GET of a thumbnail, against Pillow."""

from pathlib import Path
from statistics import median
from typing import Any

import msgspec
from PIL import Image, ImageOps

from bench.answer import WrongAnswer
from bench.api_client import ApiClient
from bench.images import SIZES, make_jpeg
from bench.result import Result
from bench.servers import product
from bench.stopwatch import Stopwatch
from bench.targets import VARIANT
from bench.workload import UploadWorkload

# As the preset `thumbnail`.
_WIDTH, _HEIGHT = 500, 375
_OPTIONS: dict[str, Any] = {"quality": 80, "method": 4}


def measure_thumbnails(folder: Path, *, rounds: int) -> list[Result]:
    """Fetch a thumbnail and make it with Pillow, in alternation.

    Each upload is new, so its thumbnail does not exist. Pillow runs in this warm process; it
    reads a file and writes one, and flushes nothing.

    Args:
        folder: empty.
        rounds: how often.
    """
    file = make_jpeg(*SIZES["3.5 MB"])
    source = folder / "photo.jpg"
    source.write_bytes(file)
    ours, theirs = [], []
    with product(folder) as server:
        UploadWorkload(server).wait()
        client = ApiClient(server)
        for _ in range(rounds + 2):
            address = _address(client, client.upload(file))
            with Stopwatch() as watch:
                thumbnail = client.get(address)
            ours.append(watch.seconds)
            theirs.append(_make(source, folder / "made.webp"))
    if abs(len(thumbnail) - (folder / "made.webp").stat().st_size) > len(thumbnail) / 10:
        raise WrongAnswer("the thumbnail is another one than Pillow's")
    # The first two rounds warmed up both workers.
    ratios = [mine / its for mine, its in zip(ours[2:], theirs[2:], strict=True)]
    times = {
        name: 1000 * median(each[2:]) for name, each in (("product", ours), ("Pillow", theirs))
    }
    seen = " / ".join(f"{each:.0f}" for each in times.values()) + " ms"
    details = {name: {"p50_ms": round(each, 1)} for name, each in times.items()}
    return [Result(VARIANT, "Pillow", ratios, at_least=False, seen=seen, details=details)]


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
