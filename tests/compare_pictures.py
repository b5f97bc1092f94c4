"""Compare a variant with the picture that it shows, with plain Pillow."""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageCms

# Levels, of 255, that rounding and filtering may change, beside the codec.
LEVELS = 6
# To code more takes seconds.
_MANY_PIXELS = 300_000

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Where a picture is in a variant of it.

    Args:
        source: the part of the picture that is shown.
        target: the part of the variant that shows it.
    """

    source: Box
    target: Box


def fitted(fit: str, picture: tuple[int, int], variant: tuple[int, int]) -> Fitted:
    """Return where a picture of a size is in a variant of a size, by the preset's fit."""
    (width, height), (across, down) = picture, variant
    whole, all_of_it = (0, 0, width, height), (0, 0, across, down)
    if fit == "cover":
        part = min(width, height * across / down), min(height, width * down / across)
        left, top = (width - part[0]) / 2, (height - part[1]) / 2
        return Fitted((left, top, left + part[0], top + part[1]), all_of_it)
    if fit == "contain":
        scale = min(1, across / width, down / height)
        inner = max(1, round(width * scale)), max(1, round(height * scale))
        left, top = (across - inner[0]) // 2, (down - inner[1]) // 2
        return Fitted(whole, (left, top, left + inner[0], top + inner[1]))
    return Fitted(whole, all_of_it)


def _middles(box: Box) -> Iterator[Box]:
    """Yield the middle of each quarter of a box, in whole pixels, one at least."""
    left, top, right, bottom = box
    for v in (0.125, 0.625):
        for u in (0.125, 0.625):
            x, y = int(left + u * (right - left)), int(top + v * (bottom - top))
            far = int(left + (u + 0.25) * (right - left)), int(top + (v + 0.25) * (bottom - top))
            yield x, y, max(x + 1, far[0]), max(y + 1, far[1])


def _source_of(cell: Box, where: Fitted) -> tuple[int, int, int, int]:
    """Return the pixels of the picture that may show in a cell, with a neighbour on each side."""
    left, right = _along(0, cell, where)
    top, bottom = _along(1, cell, where)
    return left, top, right, bottom


def _along(axis: int, cell: Box, where: Fitted) -> tuple[int, int]:
    start, end = where.target[axis], where.target[axis + 2]
    scale = (where.source[axis + 2] - where.source[axis]) / (end - start)
    first, last = max(start, cell[axis] - 1), min(end, cell[axis + 2] + 1)
    begin = int(where.source[axis] + (first - start) * scale)
    return begin, max(begin + 1, math.ceil(where.source[axis] + (last - start) * scale))


def opaque(image: Image.Image) -> Image.Image:
    """Return an image as it is shown on white, in sRGB."""
    profile = image.info.get("icc_profile")
    image = image.convert("RGBA")
    if profile:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        opacity = image.getchannel("A")
        image = ImageCms.profileToProfile(image.convert("RGB"), source, target)  # type: ignore[assignment]  # not in place
        image.putalpha(opacity)
    canvas = Image.new("RGBA", image.size, "white")
    canvas.alpha_composite(image)
    return canvas.convert("RGB")


def colours_apart(variant: Image.Image, shown: Image.Image, where: Fitted) -> int:
    """Return how far the colours of a variant are from those of the picture, of 255 levels."""
    apart = 0
    for cell in _middles(where.target):
        mean = variant.crop(cell).resize((1, 1), Image.Resampling.BOX).tobytes()
        for level, band in zip(mean, shown.crop(_source_of(cell, where)).split(), strict=True):
            possible = band.tobytes()
            apart = max(apart, min(possible) - level, level - max(possible))
    return apart


def _drawn(shown: Image.Image, where: Fitted, size: tuple[int, int]) -> Image.Image:
    """Draw what a variant shows, on white."""
    canvas = Image.new("RGB", size, "white")
    left, top, right, bottom = map(int, where.target)
    part = shown.resize((right - left, bottom - top), Image.Resampling.BOX, where.source)
    canvas.paste(part.convert("RGB"), (left, top))
    return canvas


def _through_codec(image: Image.Image, media_type: str) -> Image.Image:
    """Return the image as it comes out of a format with the usual quality."""
    format_ = media_type.partition("/")[2].upper()
    options = {} if format_ in {"PNG", "GIF"} else {"quality": 80}
    stream = io.BytesIO()
    image.save(stream, format_, **options)
    with Image.open(stream) as coded:
        return opaque(coded)


def tolerance(shown: Image.Image, where: Fitted, size: tuple[int, int], media_type: str) -> int:
    """Return how far colours may be apart: by rounding and filtering, and by the codec."""
    if math.prod(size) > _MANY_PIXELS:
        size = min(size[0], 300), min(size[1], 300)
        where = Fitted(where.source, (0, 0, *size))
    coded = _through_codec(_drawn(shown, where, size), media_type)
    return LEVELS + colours_apart(coded, shown, where) * 3 // 2
