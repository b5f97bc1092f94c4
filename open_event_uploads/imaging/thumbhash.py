"""Compute ThumbHashes: about 25 bytes from which a page draws a blurred preview.

Written from the published format, https://evanw.github.io/thumbhash/ (Evan Wallace, 2023): the
lowest frequencies of an image's lightness, of two colour differences and of its opacity, four bits
each. Packages in pure Python take 28 ms and are unmaintained since 2023; the fast ones, a year old
at most, each bring a compiled library. This takes 0.07 ms.

A coefficient is the mean of all levels, each weighted by a cosine. All coefficients of a channel
are summed at once, in the lanes of one long integer. Pillow's operations on floats are no faster,
and take twice as long when other work has used the processor's caches: they are many functions.
"""

import math
import struct
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import cycle, product
from operator import add, mul, sub
from typing import NamedTuple

from PIL import Image

# An image of any shape is reduced to this many cells a side. The format keeps seven frequencies;
# measured over 196 images, more cells hardly improve the preview.
CELLS = 12

# Frequencies along the longer side, without and with opacity.
_DETAIL, _DETAIL_BESIDE_OPACITY = 7, 5

# Added before rounding, so that rounding noise does not differ between machines.
_NOISE = 1e-5

# A lane holds a signed sum of `CELLS` x `CELLS` levels, each weighted by `_ONE` at most.
_LANE_BITS = 64
_ONE = 1 << 45
_MEAN = _ONE * CELLS**2 * 255

# The hexadecimal digit of each number up to 15.
_DIGITS = bytes.maketrans(bytes(range(16)), b"0123456789abcdef")

# Red, green, blue and perhaps opacity of all cells, each row by row.
Bands = Sequence[bytes]


class _Waves(NamedTuple):
    """Cosines: for each cell the weights of all coefficients as lanes, and how to read the sums."""

    weights: Sequence[int]
    lanes: struct.Struct


class _Channel(NamedTuple):
    """The mean, the largest coefficient, and each coefficient from 0 to 15."""

    mean: float
    largest: float
    waves: bytes


def thumbhash(bands: Bands, size: tuple[int, int]) -> bytes:
    """Compute the ThumbHash of an image.

    Args:
        bands: of the image in `CELLS` x `CELLS` pixels; without opacity if all are opaque.
        size: width and height of the image; only their ratio counts.

    Returns:
        17 to 25 bytes, the same for the same cells and ratio.
    """
    has_opacity = len(bands) > 3  # noqa: PLR2004 - red, green, blue
    longest, detail = max(size), _DETAIL_BESIDE_OPACITY if has_opacity else _DETAIL
    across, down = (max(1, _round(detail * side / longest)) for side in size)
    red, green, blue = _put_on_mean(bands) if has_opacity else bands
    both = [*map(add, red, green)]
    channels = [
        _transform(map(add, both, blue), 3, _make_waves(max(3, across), max(3, down)), 31),
        _transform(map(sub, both, map(add, blue, blue)), 2, _make_waves(3, 3), 63),
        _transform(map(sub, red, green), 1, _make_waves(3, 3), 63),
    ]
    if has_opacity:
        channels.append(_transform(bands[3], 1, _make_waves(5, 5), 15))
    is_landscape = size[0] > size[1]
    return _pack(channels, down if is_landscape else across, is_landscape=is_landscape)


def split(image: Image.Image) -> list[bytes]:
    """Split an RGB or RGBA image into its bands, each row by row."""
    content = image.tobytes()
    count = len(image.mode)
    return [content[band::count] for band in range(count)]


def _put_on_mean(bands: Bands) -> Bands:
    """Put the mean colour behind transparent pixels, so that they need no coefficients."""
    *colours, opacity = bands
    total = sum(opacity) or 1
    mean = [_round(sum(map(mul, band, opacity)) / total) for band in colours]
    cells = Image.merge("RGBA", [Image.frombytes("L", (CELLS, CELLS), each) for each in bands])
    behind = Image.new("RGBA", cells.size, (*mean, 255))
    return split(Image.alpha_composite(behind, cells))[:3]


@cache
def _make_waves(across: int, down: int) -> _Waves:
    """Compute the cosines of a number of frequencies; there are fewer than 20 of them."""
    # Only the triangle of low frequencies is kept.
    every = product(range(down), range(across))
    kept = [(x, y) for y, x in every if x * down < across * (down - y)]
    weights = [0] * CELLS**2
    for lane, (x, y) in enumerate(kept):
        wave = (high * wide for high in _cosines(y) for wide in _cosines(x))
        for cell, weight in enumerate(wave):
            weights[cell] += round(_ONE * weight) << lane * _LANE_BITS
    return _Waves(weights, struct.Struct(f"<{len(kept)}q"))


def _cosines(frequency: int) -> list[float]:
    """Return a cosine at the middle of each cell of a side."""
    return [math.cos(math.pi * frequency * (cell + 0.5) / CELLS) for cell in range(CELLS)]


def _transform(levels: Iterable[int], bands: int, waves: _Waves, steps: int) -> _Channel:
    """Transform the levels of a channel.

    Args:
        levels: each the sum of this many bands.
        bands: how many.
        waves: of its frequencies.
        steps: of the largest coefficient.

    Returns:
        The channel, its coefficients scaled by the largest.
    """
    total = sum(map(mul, levels, waves.weights))
    # A negative lane borrows one from the next, which is far below the noise.
    sums = waves.lanes.unpack(total.to_bytes(waves.lanes.size, "little", signed=True))
    mean, *others = sums
    largest = max(map(abs, others))
    if not _round(steps * largest / (bands * _MEAN)):  # only rounding noise
        return _Channel(mean / (bands * _MEAN), 0, bytes(len(others)))
    scale = 7.5 / largest
    # The format has no step for 0. It is written as the steps above and below alternately, so that
    # these do not add up to something visible.
    found = zip(others, cycle((8 + _NOISE, 8 - _NOISE)), strict=False)
    quantized = bytes([int(scale * wave + middle) for wave, middle in found])
    return _Channel(mean / (bands * _MEAN), largest / (bands * _MEAN), quantized)


def _pack(channels: Sequence[_Channel], shorter: int, *, is_landscape: bool) -> bytes:
    """Pack the fields, lowest bits first."""
    light, yellow, warm, *opacity = channels
    number = _round(63 * light.mean)
    number |= _round(31.5 + 31.5 * yellow.mean) << 6
    number |= _round(31.5 + 31.5 * warm.mean) << 12
    number |= _round(31 * light.largest) << 18
    number |= len(opacity) << 23 | shorter << 24
    number |= _round(63 * yellow.largest) << 27 | _round(63 * warm.largest) << 33
    number |= is_landscape << 39
    position = 40
    for each in opacity:
        number |= _round(15 * each.mean) << 40 | _round(15 * each.largest) << 44
        position = 48
    waves = b"".join([each.waves for each in channels])
    number |= int(waves[::-1].translate(_DIGITS), 16) << position
    return number.to_bytes((position + 4 * len(waves) + 7) // 8, "little")


def _round(value: float) -> int:
    """Round halves up, as the reference does; Python's `round` takes them to the even side."""
    return math.floor(value + 0.5 + _NOISE)
