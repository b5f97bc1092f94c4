"""Generate JPEGs that compress like photographs, the same in every run."""

import io
import random

from PIL import Image

_SEED = 20261123
_MIN_QUALITY, _MAX_QUALITY = 30, 95

# Sizes of noise relative to the image: clouds, shapes, texture, grain; and how much of each is
# mixed in. Grain is what costs bytes in a photograph.
_OCTAVES = ((64, 0.5), (16, 0.3), (4, 0.15), (1, 0.06))

# Name -> (width, height, bytes): a thumbnail, a picture for the web, a photo of a phone.
SIZES = {
    "20 KB": (480, 320, 20_000),
    "330 KB": (1600, 1200, 330_000),
    "3.5 MB": (4000, 3000, 3_500_000),
}


def make_jpeg(width: int, height: int, target_bytes: int) -> bytes:
    """Return a JPEG of this many pixels, as near to the target size as its quality allows.

    Args:
        width: pixels.
        height: pixels.
        target_bytes: the wanted size of the file.
    """
    picture = _picture(width, height)
    low, high = _MIN_QUALITY, _MAX_QUALITY
    best = _encode(picture, low)
    while low <= high:
        quality = (low + high) // 2
        file = _encode(picture, quality)
        best = min(best, file, key=lambda each: abs(len(each) - target_bytes))
        if len(file) < target_bytes:
            low = quality + 1
        else:
            high = quality - 1
    return best


def _picture(width: int, height: int) -> Image.Image:
    source = random.Random(_SEED)  # noqa: S311 - the same picture each time, not a secret
    bands = [_band(source, width, height) for _ in "RGB"]
    return Image.merge("RGB", bands)


def _band(source: random.Random, width: int, height: int) -> Image.Image:
    """Draw one colour: a gradient, blended with noise of several sizes."""
    turn = source.choice((0, 90, 180, 270))
    band = Image.linear_gradient("L").rotate(turn).resize((width, height))
    for scale, share in _OCTAVES:
        small = (max(2, width // scale), max(2, height // scale))
        noise = Image.frombytes("L", small, source.randbytes(small[0] * small[1]))
        band = Image.blend(band, noise.resize(band.size, Image.Resampling.BICUBIC), share)
    return band


def _encode(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()
