"""ThumbHash: some 25 bytes from which a page draws a blurred preview.

Written from the published format, https://evanw.github.io/thumbhash/ (Evan Wallace, 2023): the
lowest frequencies of a picture's lightness, of two colour differences and of its opacity, four
bits each. Of the packages for it, those in pure Python take 28 ms and rest since 2023, and the fast
ones, a year old at most, bring a compiled library each; this takes 0.2 ms.
"""

import math
from collections.abc import Sequence
from operator import add, mul, sub

from PIL import Image

# The picture is cut into this many cells a side, whatever its shape, for cosines do not ask how
# wide a cell is. The format keeps seven frequencies; measured over 196 images, more cells bring the
# preview hardly nearer to one made of 100 pixels a side.
CELLS = 12

# Frequencies along the longer side; fewer where opacity takes its share.
_DETAIL, _DETAIL_BESIDE_OPACITY = 7, 5

# `_WAVES[side][k]` is the cosine of frequency k at the middle of each cell of a side.
_WAVES = {
    side: [
        [math.cos(math.pi * k * (cell + 0.5) / side) for cell in range(side)]
        for k in range(_DETAIL)
    ]
    for side in (CELLS, CELLS // 2)
}

# One channel: its mean, the largest of its waves, and each wave from 0 to 15.
_Channel = tuple[float, float, list[int]]


def thumbhash(cells: Image.Image, size: tuple[int, int]) -> bytes:
    """The ThumbHash of a picture.

    Args:
        cells: the picture in `CELLS` times `CELLS` pixels, mode RGBA.
        size: width and height of the picture, pixels; only their ratio counts.

    Returns:
        17 to 25 bytes, and the same bytes for the same cells and ratio.
    """
    *_, opacity = bands(cells)
    has_opacity = min(opacity) < 255  # noqa: PLR2004 - opaque
    longest, detail = max(size), _DETAIL_BESIDE_OPACITY if has_opacity else _DETAIL
    across, down = (max(1, _round(detail * side / longest)) for side in size)
    flat = _over_its_mean(cells) if has_opacity else cells
    red, green, blue, _ = bands(flat)
    light = list(map(add, map(add, red, green), blue))
    # Colours have three frequencies, which half the cells show as well.
    red, green, blue, _ = bands(flat.reduce(2))
    yellow = [r + g - b - b for r, g, b in zip(red, green, blue, strict=True)]
    warm = list(map(sub, red, green))
    channels = [
        _channel(light, 3 * 255, (max(3, across), max(3, down)), 31),
        _channel(yellow, 2 * 255, (3, 3), 63),
        _channel(warm, 255, (3, 3), 63),
    ]
    if has_opacity:
        channels.append(_channel(opacity, 255, (5, 5), 15))
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


def _channel(
    values: Sequence[int], unit: int, frequencies: tuple[int, int], steps: int
) -> _Channel:
    """The cosine transform of one channel, its waves as parts of the largest.

    Args:
        values: of every cell of a square, row by row.
        unit: the value that stands for 1.
        frequencies: how many along a row and a column; only the triangle of low ones is kept.
        steps: in how many the format writes the largest wave.
    """
    across, down = frequencies
    side = math.isqrt(len(values))
    cosines = _WAVES[side]
    rows = [values[start : start + side] for start in range(0, len(values), side)]
    columns = [[sum(map(mul, row, wave)) for row in rows] for wave in cosines[:across]]
    mean, *waves = (
        sum(map(mul, columns[x], cosines[y])) / (len(values) * unit)
        for y in range(down)
        for x in range(across)
        if x * down < across * (down - y)
    )
    largest = max(map(abs, waves))
    if not _round(steps * largest):  # what is left is rounding noise, and no two machines' alike
        return mean, 0, [0] * len(waves)
    return mean, largest, [_round(7.5 + 7.5 * wave / largest) for wave in waves]


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
    return math.floor(value + 0.5)
