"""What a page shows while an image loads: a blurred preview, and one colour."""

import base64
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import compress
from operator import add
from statistics import median_low

from PIL import Image

from open_event_uploads.imaging.orientation import QUARTER_TURNS, upright
from open_event_uploads.imaging.thumbhash import CELLS, bands, thumbhash

# Pillow averages these as they are. The others are a palette's numbers, premultiplied by a copy of
# the whole image, or no scale at all (a hue).
_AVERAGED = frozenset({"L", "RGB", "RGBX", "CMYK", "YCbCr", "RGBa", "I", "F"})

# The others are looked at in about this many spots a side.
_SPOTS = 128

# A place is where a colour lies among eight steps of each band, as a number of three digits to the
# base of 9; none is 0, so that each has a place before it. A cube holds two in each direction.
_DIRECTIONS = (81, 9, 1)
_PLACES_OF = [
    [(1 + (level >> 5)) * direction for level in range(256)].__getitem__
    for direction in _DIRECTIONS
]
_CORNERS = [red + green + blue for red in (0, 81) for green in (0, 9) for blue in (0, 1)]
_ALL_PLACES = 9**3

_HALF_OPAQUE = 128
_NOTHING_SHOWS = "#ffffff"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What is shown before an image is there.

    Args:
        thumbhash: base64 (RFC 4648, section 4) of the ThumbHash, 24 to 36 characters.
        color: `#rrggbb`, the colour of the largest group of alike ones; white where nothing shows.
    """

    thumbhash: str
    color: str


def make_placeholder(image: Image.Image, orientation: int) -> Placeholder:
    """Reduce a decoded image to its placeholder.

    Neither changes the image nor copies it at full size: a copy of 50 megapixels in another mode
    takes 200 MB.

    Args:
        image: of any mode and size, as stored.
        orientation: its EXIF orientation, 1 to 8; any other number means upright.
    """
    cells = _reduced(image)
    size = image.size
    cells = upright(cells, orientation)
    if orientation in QUARTER_TURNS:
        size = (image.height, image.width)
    encoded = base64.b64encode(thumbhash(cells, size))
    return Placeholder(encoded.decode("ascii"), _dominant_colour(cells))


def _reduced(image: Image.Image) -> Image.Image:
    """The image as `CELLS` times `CELLS` pixels of RGBA, whatever its shape."""
    if image.mode not in _AVERAGED or "transparency" in image.info:
        spots = (_spots(image.width), _spots(image.height))
        image = _in_colour(image.resize(spots, Image.Resampling.NEAREST))
    cells = image.resize((CELLS, CELLS), Image.Resampling.HAMMING, reducing_gap=2.0)
    return _in_colour(cells).convert("RGBA")


def _spots(side: int) -> int:
    """In how many spots to look along a side of so many pixels.

    The step is never a whole number: a regular dither would show the same of its levels each time.
    """
    return side if side <= _SPOTS else int(side / (side // _SPOTS + 0.4))


def _in_colour(image: Image.Image) -> Image.Image:
    """A small image as RGB, or as RGBA where some of it may be transparent."""
    if image.mode.startswith(("I", "F")):
        # Not `convert`, which keeps what a PNG says is transparent: a level of sixteen bits.
        return Image.merge("RGB", [_in_eight_bits(image)] * 3)
    if image.mode == "La":  # converts to nothing else
        image = image.convert("LA")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """A small greyscale image of more than eight bits as L.

    Only `I;16` says what white is. For the others it is the first of 1 (floats only), 255 and 65535
    that nothing exceeds, or else the largest value there is.
    """
    floats = image.convert("F")
    _, largest = floats.getextrema()
    assert isinstance(largest, float)  # noqa: S101 - there is one band
    whites = {"I": (255, 65535), "F": (1, 255, 65535)}.get(image.mode, (65535,))
    white = next((white for white in whites if largest <= white), largest)
    return floats.point(lambda level: level * (255 / white) + 0.5).convert("L")


def _dominant_colour(cells: Image.Image) -> str:
    """The middle of the largest group of alike colours among cells that are at least half opaque.

    A group is what lies in a cube of colours, 64 levels a side. Cubes lie 32 levels apart and
    overlap, so that no edge cuts through a colour that varies a little. Its middle is the median of
    each band: unlike the mean, it is the very colour of a flat ground, whatever is at its edges.
    Where no cell is half opaque, all that are not quite transparent count.
    """
    *colours, opacities = bands(cells)
    if min(opacities) < _HALF_OPAQUE:
        half_opaque = [opacity >= _HALF_OPAQUE for opacity in opacities]
        shown = half_opaque if any(half_opaque) else opacities
        colours = [bytes(compress(band, shown)) for band in colours]
    if not colours[0]:
        return _NOTHING_SHOWS
    red, green, blue = (map(at, band) for at, band in zip(_PLACES_OF, colours, strict=True))
    places = list(map(add, map(add, red, green), blue))
    corner = _fullest_cube(Counter(places))
    inside = list(map({corner + each for each in _CORNERS}.__contains__, places))
    return "#" + bytes(median_low(compress(band, inside)) for band in colours).hex()


def _fullest_cube(counts: Mapping[int, int]) -> int:
    """The last place of those that, with their neighbours, have most.

    All cubes are added up at once, in a number that has a byte for each place: no count is higher
    than there are cells.
    """
    each = bytearray(_ALL_PLACES)
    for place, count in counts.items():
        each[place] = count
    sums = int.from_bytes(each, "little")
    for neighbour in _DIRECTIONS:
        sums += sums >> 8 * neighbour
    cubes = sums.to_bytes(_ALL_PLACES, "little")
    return cubes.rindex(max(cubes))
