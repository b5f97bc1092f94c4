"""ThumbHash: some 25 bytes from which a page draws a blurred preview.

Written from the published format, https://evanw.github.io/thumbhash/ (Evan Wallace, 2023): the
lowest frequencies of a picture's lightness, of two colour differences and of its opacity, four
bits each. Of the packages for it, those in pure Python take 28 ms and rest since 2023, and the fast
ones, a year old at most, bring a compiled library each; this takes 0.07 ms.

A wave is the mean of all levels, each weighed by a cosine. So the levels are laid out once for each
wave, and Pillow weighs and averages all of them together: in Python alone it takes twice as long.
"""

import math
from array import array
from collections.abc import Sequence
from functools import cache
from itertools import cycle, product
from operator import mul
from typing import NamedTuple

from PIL import Image, ImageMath

# The picture is cut into this many cells a side, whatever its shape, for cosines do not ask how
# wide a cell is. The format keeps seven frequencies; measured over 196 images, more cells bring the
# preview hardly nearer to one made of 100 pixels a side.
CELLS = 12

# Frequencies along the longer side; fewer where opacity takes its share.
_DETAIL, _DETAIL_BESIDE_OPACITY = 7, 5

# What is half a step but for rounding noise counts as half, on every machine.
_NOISE = 1e-5

_Frequencies = tuple[int, int]


class _Kind(NamedTuple):
    """A kind of channel.

    Args:
        shares: what red, green, blue and opacity contribute, so that it is 1 at most.
        steps: in how many the format writes the largest wave.
    """

    shares: tuple[float, float, float, float]
    steps: int


_LIGHT = _Kind((1 / 3, 1 / 3, 1 / 3, 0), 31)
_YELLOW, _WARM = _Kind((1 / 2, 1 / 2, -1, 0), 63), _Kind((1, -1, 0, 0), 63)
_OPACITY = _Kind((0, 0, 0, 1), 15)

# One channel: its mean, the largest of its waves, and each wave from 0 to 15.
_Channel = tuple[float, float, list[int]]


class _Plan(NamedTuple):
    """How the channels of a picture are found.

    Args:
        weights: one row of cells for each level of each wave.
        counts: how many waves each kind of channel has, its mean included.
    """

    weights: Image.Image
    counts: tuple[tuple[_Kind, int], ...]


def thumbhash(cells: Image.Image, size: tuple[int, int]) -> bytes:
    """The ThumbHash of a picture.

    Args:
        cells: the picture in `CELLS` times `CELLS` pixels, mode RGBA.
        size: width and height of the picture, pixels; only their ratio counts.

    Returns:
        17 to 25 bytes, and the same bytes for the same cells and ratio.
    """
    *colours, opacity = bands(cells)
    has_opacity = min(opacity) < 255  # noqa: PLR2004 - opaque
    longest, detail = max(size), _DETAIL_BESIDE_OPACITY if has_opacity else _DETAIL
    across, down = (max(1, _round(detail * side / longest)) for side in size)
    if has_opacity:
        *colours, _ = bands(_over_its_mean(cells))
        colours.append(opacity)
    plan = _plan((max(3, across), max(3, down)), has_opacity=has_opacity)
    channels = _channels(b"".join(colours), plan)
    is_landscape = size[0] > size[1]
    return _packed(channels, down if is_landscape else across, is_landscape=is_landscape)


def bands(picture: Image.Image) -> tuple[bytes, bytes, bytes, bytes]:
    """Red, green, blue and opacity of an RGBA picture, each row by row."""
    content = picture.tobytes()
    return content[0::4], content[1::4], content[2::4], content[3::4]


def _over_its_mean(cells: Image.Image) -> Image.Image:
    """Put the mean colour behind what is transparent, so that it takes no waves to describe."""
    *colours, opacity = bands(cells)
    total = sum(opacity) or 1
    mean = [_round(sum(map(mul, band, opacity)) / total) for band in colours]
    behind = Image.new("RGBA", cells.size, (*mean, 255))
    return Image.alpha_composite(behind, cells)


@cache
def _plan(light: _Frequencies, *, has_opacity: bool) -> _Plan:
    """The plan for pictures of a shape; there are fewer than 30 of them."""
    frequencies = {_LIGHT: light, _YELLOW: (3, 3), _WARM: (3, 3)}
    if has_opacity:
        frequencies[_OPACITY] = (5, 5)
    planes = 4 if has_opacity else 3
    rows: list[float] = []
    counts = []
    for kind, (across, down) in frequencies.items():
        # Only the triangle of low frequencies is kept.
        every = product(range(down), range(across))
        kept = [(x, y) for y, x in every if x * down < across * (down - y)]
        counts.append((kind, len(kept)))
        for x, y in kept:
            wave = [high * wide for high in _cosines(y) for wide in _cosines(x)]
            # What is taken is the mean of all planes, and levels go up to 255.
            rows += [share * planes / 255 * each for share in kind.shares[:planes] for each in wave]
    size = (CELLS, len(rows) // CELLS)
    return _Plan(Image.frombytes("F", size, array("f", rows).tobytes()), tuple(counts))


def _cosines(frequency: int) -> list[float]:
    """A wave at the middle of each cell of a side."""
    return [math.cos(math.pi * frequency * (cell + 0.5) / CELLS) for cell in range(CELLS)]


def _channels(levels: bytes, plan: _Plan) -> list[_Channel]:
    """The cosine transform of all channels, the waves of each as parts of its largest.

    Args:
        levels: of every cell, one plane after the other.
        plan: for so many planes.
    """
    rows = len(levels) // CELLS
    plane = Image.frombytes("L", (CELLS, rows), levels).convert("F").tobytes()
    repeated = Image.frombytes("F", plan.weights.size, plane * (plan.weights.height // rows))
    weighed = ImageMath.lambda_eval(
        lambda each: each["levels"] * each["weights"], levels=repeated, weights=plan.weights
    )
    means = iter(memoryview(weighed.reduce((CELLS, rows)).tobytes()).cast("f").tolist())
    return [_channel([next(means) for _ in range(count)], kind) for kind, count in plan.counts]


def _channel(waves: list[float], kind: _Kind) -> _Channel:
    mean, *others = waves
    largest = max(map(abs, others))
    if not _round(kind.steps * largest):  # what is left is rounding noise
        return mean, 0, [0] * len(others)
    scale = 7.5 / largest
    # There is no step for a wave that is not there: it is written as the next one above and below
    # in turns, so that these do not add up to something that shows.
    found = zip(others, cycle((_NOISE, -_NOISE)), strict=False)
    return mean, largest, [int(8 + scale * wave + noise) for wave, noise in found]


def _packed(channels: Sequence[_Channel], shorter: int, *, is_landscape: bool) -> bytes:
    """Write the fields in their order, each from its lowest bit on."""
    light, yellow, warm, *opacity = channels
    fields = [
        (_round(63 * light[0]), 6),
        (_round(31.5 + 31.5 * yellow[0]), 6),
        (_round(31.5 + 31.5 * warm[0]), 6),
        (_round(31 * light[1]), 5),
        (len(opacity), 1),
        (shorter, 3),
        (_round(63 * yellow[1]), 6),
        (_round(63 * warm[1]), 6),
        (int(is_landscape), 1),
    ]
    for mean, largest, _ in opacity:
        fields += [(_round(15 * mean), 4), (_round(15 * largest), 4)]
    fields += [(wave, 4) for *_, waves in channels for wave in waves]
    number = position = 0
    for value, bits in fields:
        number |= value << position
        position += bits
    return number.to_bytes((position + 7) // 8, "little")


def _round(value: float) -> int:
    """Halves go up, as in the format's reference; Python's `round` takes them to the even side."""
    return math.floor(value + 0.5 + _NOISE)
