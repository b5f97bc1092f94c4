"""Compute ThumbHashes: about 25 bytes from which a page draws a blurred preview.

Written from the published format, https://evanw.github.io/thumbhash/ (Evan Wallace, 2023): the
lowest frequencies of an image's lightness, of two colour differences and of its opacity, four bits
each. Packages in pure Python take 28 ms and are unmaintained since 2023; the fast ones, a year old
at most, each bring a compiled library. This takes 0.07 ms.

A coefficient is the mean of all levels, each weighted by a cosine. The levels are repeated for each
coefficient, so that Pillow weights and averages all of them at once: pure Python takes twice as
long.
"""

import math
from array import array
from collections.abc import Sequence
from functools import cache
from itertools import cycle, product
from operator import mul
from typing import NamedTuple

from PIL import Image, ImageMath

# An image of any shape is reduced to this many cells a side. The format keeps seven frequencies;
# measured over 196 images, more cells hardly improve the preview.
CELLS = 12

# Frequencies along the longer side, without and with opacity.
_DETAIL, _DETAIL_BESIDE_OPACITY = 7, 5

# Added before rounding, so that rounding noise does not differ between machines.
_NOISE = 1e-5

_Frequencies = tuple[int, int]


class _Kind(NamedTuple):
    """A kind of channel: its shares of each band, and the steps of its largest coefficient."""

    shares: tuple[float, float, float, float]
    steps: int


_LIGHT = _Kind((1 / 3, 1 / 3, 1 / 3, 0), 31)
_YELLOW, _WARM = _Kind((1 / 2, 1 / 2, -1, 0), 63), _Kind((1, -1, 0, 0), 63)
_OPACITY = _Kind((0, 0, 0, 1), 15)

# One channel: its mean, its largest coefficient, and each coefficient from 0 to 15.
_Channel = tuple[float, float, list[int]]


class _Plan(NamedTuple):
    """Weights of each plane of each coefficient, and how many coefficients each channel has."""

    weights: Image.Image
    counts: tuple[tuple[_Kind, int], ...]


def thumbhash(cells: Image.Image, size: tuple[int, int]) -> bytes:
    """Compute the ThumbHash of an image.

    Args:
        cells: the image in `CELLS` x `CELLS` pixels, mode RGBA.
        size: width and height of the image; only their ratio counts.

    Returns:
        17 to 25 bytes, the same for the same cells and ratio.
    """
    *colours, opacity = bands(cells)
    has_opacity = min(opacity) < 255  # noqa: PLR2004 - opaque
    longest, detail = max(size), _DETAIL_BESIDE_OPACITY if has_opacity else _DETAIL
    across, down = (max(1, _round(detail * side / longest)) for side in size)
    if has_opacity:
        *colours, _ = bands(_put_on_mean(cells))
        colours.append(opacity)
    plan = _make_plan((max(3, across), max(3, down)), has_opacity=has_opacity)
    channels = _transform(b"".join(colours), plan)
    is_landscape = size[0] > size[1]
    return _pack(channels, down if is_landscape else across, is_landscape=is_landscape)


def bands(image: Image.Image) -> tuple[bytes, bytes, bytes, bytes]:
    """Split an RGBA image into red, green, blue and opacity, each row by row."""
    content = image.tobytes()
    return content[0::4], content[1::4], content[2::4], content[3::4]


def _put_on_mean(cells: Image.Image) -> Image.Image:
    """Put the mean colour behind transparent pixels, so that they need no coefficients."""
    *colours, opacity = bands(cells)
    total = sum(opacity) or 1
    mean = [_round(sum(map(mul, band, opacity)) / total) for band in colours]
    behind = Image.new("RGBA", cells.size, (*mean, 255))
    return Image.alpha_composite(behind, cells)


@cache
def _make_plan(light: _Frequencies, *, has_opacity: bool) -> _Plan:
    """Compute the plan for a shape; there are fewer than 30 of them."""
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
            # The result will be the mean of all planes, whose levels go up to 255.
            rows += [share * planes / 255 * each for share in kind.shares[:planes] for each in wave]
    size = (CELLS, len(rows) // CELLS)
    return _Plan(Image.frombytes("F", size, array("f", rows).tobytes()), tuple(counts))


def _cosines(frequency: int) -> list[float]:
    """Return a cosine at the middle of each cell of a side."""
    return [math.cos(math.pi * frequency * (cell + 0.5) / CELLS) for cell in range(CELLS)]


def _transform(levels: bytes, plan: _Plan) -> list[_Channel]:
    """Transform all planes of levels; each channel is scaled by its largest coefficient."""
    rows = len(levels) // CELLS
    plane = Image.frombytes("L", (CELLS, rows), levels).convert("F").tobytes()
    repeated = Image.frombytes("F", plan.weights.size, plane * (plan.weights.height // rows))
    weighed = ImageMath.lambda_eval(
        lambda each: each["levels"] * each["weights"], levels=repeated, weights=plan.weights
    )
    means = iter(memoryview(weighed.reduce((CELLS, rows)).tobytes()).cast("f").tolist())
    return [_quantize([next(means) for _ in range(count)], kind) for kind, count in plan.counts]


def _quantize(waves: list[float], kind: _Kind) -> _Channel:
    mean, *others = waves
    largest = max(map(abs, others))
    if not _round(kind.steps * largest):  # only rounding noise
        return mean, 0, [0] * len(others)
    scale = 7.5 / largest
    # The format has no step for 0. It is written as the steps above and below alternately, so that
    # these do not add up to something visible.
    found = zip(others, cycle((_NOISE, -_NOISE)), strict=False)
    return mean, largest, [int(8 + scale * wave + noise) for wave, noise in found]


def _pack(channels: Sequence[_Channel], shorter: int, *, is_landscape: bool) -> bytes:
    """Pack the fields in order, lowest bits first."""
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
    """Round halves up, as the reference does; Python's `round` takes them to the even side."""
    return math.floor(value + 0.5 + _NOISE)
