"""Make the placeholder that a page shows while an image loads: a blurred preview and a colour."""

import base64
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import compress
from operator import add
from statistics import median_low

from PIL import Image

from open_event_uploads.imaging.colours import to_srgb
from open_event_uploads.imaging.orientation import QUARTER_TURNS, upright
from open_event_uploads.imaging.thumbhash import CELLS, bands, thumbhash

# Modes that Pillow averages directly. In others a value is an index of a palette or a hue, or
# Pillow would premultiply a copy of the whole image.
_AVERAGED = frozenset({"L", "RGB", "RGBX", "CMYK", "YCbCr", "RGBa", "I", "F"})

# Images of other modes are sampled at about this many points a side.
_SAMPLES = 128

# Cells of the colour space: eight steps in each band. An index has three digits to base 9, from 1
# to 8, so that each cell has a neighbour below it. A cube is two cells wide in each direction.
_DIRECTIONS = (81, 9, 1)
_CELL_INDEXES = [
    [(1 + (level >> 5)) * direction for level in range(256)].__getitem__
    for direction in _DIRECTIONS
]
_CORNERS = [red + green + blue for red in (0, 81) for green in (0, 9) for blue in (0, 1)]
_CELL_COUNT = 9**3

_HALF_OPAQUE = 128
_WHITE = "#ffffff"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder of an image.

    Args:
        thumbhash: base64 (RFC 4648, section 4) of the ThumbHash, 24 to 36 characters.
        color: `#rrggbb`, the median of the largest group of similar colours; white if the image is
            entirely transparent.
    """

    thumbhash: str
    color: str


def make_placeholder(
    image: Image.Image, orientation: int, profile: bytes | None = None
) -> Placeholder:
    """Make the placeholder of a decoded image.

    The image is neither changed nor copied at full size: a copy of 50 megapixels in another mode
    takes 200 MB.

    Args:
        image: decoded.
        orientation: 1 to 8, as EXIF numbers them.
        profile: of colours that look like others without it; None for others.
    """
    cells = _reduce(image)
    if profile:
        cells = to_srgb(cells, profile).convert("RGBA")
    size = image.size
    cells = upright(cells, orientation)
    if orientation in QUARTER_TURNS:
        size = (image.height, image.width)
    encoded = base64.b64encode(thumbhash(cells, size))
    return Placeholder(encoded.decode("ascii"), _find_dominant_colour(cells))


def _reduce(image: Image.Image) -> Image.Image:
    """Reduce an image of any shape to `CELLS` x `CELLS` pixels in RGBA."""
    if image.mode not in _AVERAGED or "transparency" in image.info:
        samples = (_count_samples(image.width), _count_samples(image.height))
        image = _to_colour(image.resize(samples, Image.Resampling.NEAREST))
    cells = image.resize((CELLS, CELLS), Image.Resampling.HAMMING, reducing_gap=2.0)
    return _to_colour(cells).convert("RGBA")


def _count_samples(side: int) -> int:
    """Return the number of samples along a side of this many pixels.

    The step is never a whole number, which would hit the same level of a regular dither each time.
    """
    return side if side <= _SAMPLES else int(side / (side // _SAMPLES + 0.4))


def _to_colour(image: Image.Image) -> Image.Image:
    """Convert a small image to RGB, or to RGBA if parts of it may be transparent."""
    if image.mode.startswith(("I", "F")):
        # `convert` would keep the transparent level of a PNG, which has sixteen bits.
        return Image.merge("RGB", [_to_eight_bits(image)] * 3)
    if image.mode == "La":  # the only mode it converts to
        image = image.convert("LA")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Convert a small greyscale image of more than eight bits to L.

    Only `I;16` defines white. For the others it is the first of 1 (floats only), 255 and 65535 that
    no pixel exceeds, or else the largest value.
    """
    floats = image.convert("F")
    _, largest = floats.getextrema()
    assert isinstance(largest, float)  # noqa: S101 - there is one band
    whites = {"I": (255, 65535), "F": (1, 255, 65535)}.get(image.mode, (65535,))
    white = next((white for white in whites if largest <= white), largest)
    return floats.point(lambda level: level * (255 / white) + 0.5).convert("L")


def _find_dominant_colour(cells: Image.Image) -> str:
    """Return the median of the largest group of similar colours, as `#rrggbb`.

    A group is the pixels in a cube of the colour space, 64 levels a side. Cubes are 32 levels apart
    and overlap, so that no edge splits a colour that varies a little. The median of a band, unlike
    the mean, is the exact colour of a flat ground. Pixels count that are at least half opaque; if
    none is, all that are not entirely transparent.
    """
    *colours, opacities = bands(cells)
    if min(opacities) < _HALF_OPAQUE:
        half_opaque = [opacity >= _HALF_OPAQUE for opacity in opacities]
        shown = half_opaque if any(half_opaque) else opacities
        colours = [bytes(compress(band, shown)) for band in colours]
    if not colours[0]:
        return _WHITE
    red, green, blue = (map(at, band) for at, band in zip(_CELL_INDEXES, colours, strict=True))
    indexes = list(map(add, map(add, red, green), blue))
    corner = _find_fullest_cube(Counter(indexes))
    inside = list(map({corner + each for each in _CORNERS}.__contains__, indexes))
    return "#" + bytes(median_low(compress(band, inside)) for band in colours).hex()


def _find_fullest_cube(counts: Mapping[int, int]) -> int:
    """Return the index of the first cell of the cube with the most pixels; the last of equals.

    All cubes are summed at once, in a number with a byte for each cell: no count exceeds
    `CELLS` x `CELLS`.
    """
    each = bytearray(_CELL_COUNT)
    for index, count in counts.items():
        each[index] = count
    sums = int.from_bytes(each, "little")
    for neighbour in _DIRECTIONS:
        sums += sums >> 8 * neighbour
    cubes = sums.to_bytes(_CELL_COUNT, "little")
    return cubes.rindex(max(cubes))
