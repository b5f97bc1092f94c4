"""Measure what a decoder in a process of its own costs: `python -m bench.decoder`."""

import statistics
import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

from bench.images import make_jpeg
from open_event_uploads.imaging.decoder.pool import DECODERS
from open_event_uploads.imaging.formats import BY_MEDIA_TYPE, MEDIA_TYPES
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import inspect_image
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.imaging.render import render

_POLICY = FilePolicy(MEDIA_TYPES, 100_000_000, 50_000_000)
_PRESET = Preset("thumbnail", 500, None)
# Width, height, bytes, and how often.
_SIZES = {
    "2 KB": (120, 80, 2_000, 200),
    "20 KB": (480, 320, 20_000, 200),
    "350 KB": (1700, 1300, 350_000, 200),
    "3.5 MB": (4000, 3000, 3_500_000, 30),
}


def main() -> None:
    """Print the medians of the same work in this process and in a decoder, alternating."""
    for name, (width, height, target_bytes, times) in _SIZES.items():
        with IncomingFile.receive([make_jpeg(width, height, target_bytes)]) as file:
            checking = _medians(
                times,
                partial(inspect_image, file, _POLICY),
                partial(DECODERS.inspect, file, _POLICY),
            )
            row = {"width": width, "height": height, "frames": 1, "media_type": "image/jpeg"}
            source = SimpleNamespace(**row)
            rendering = _medians(
                times,
                partial(_render_here, file),
                partial(DECODERS.render, file, _PRESET, source),
            )
        print(f"{name}: checking {checking}, rendering {rendering}")


def _render_here(file: IncomingFile) -> bytes:
    return render(file.read(), _PRESET, BY_MEDIA_TYPE["image/jpeg"])


def _medians(times: int, here: Callable[[], object], there: Callable[[], object]) -> str:
    taken: dict[Callable[[], object], list[float]] = {here: [], there: []}
    for _ in range(times):
        for act, milliseconds in taken.items():
            start = time.perf_counter()
            act()
            milliseconds.append((time.perf_counter() - start) * 1000)
    return " -> ".join(f"{statistics.median(each):.2f}" for each in taken.values()) + " ms"


if __name__ == "__main__":
    main()
