"""What a page shows while an image loads: a blurred preview, and one colour."""

import base64
from collections import Counter
from dataclasses import dataclass
from itertools import compress
from statistics import median_low

from PIL import Image

from open_event_uploads.media.orientation import QUARTER_TURNS, upright
from open_event_uploads.media.thumbhash import CELLS, bands, thumbhash

# Pillow averages these as they are. The others are a palette's numbers, premultiplied by a copy of
# the whole image, or no scale at all (a hue).
_AVERAGED = frozenset({"L", "RGB", "RGBX", "CMYK", "YCbCr", "RGBa", "I", "F"})

# The others are looked at in about this many places a side.
_PLACES = 128

# What a cube of colours holds of the places below: two in each direction.
_CORNERS = [red + green + blue for red in (0, 256) for green in (0, 16) for blue in (0, 1)]

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
        places = (_places(image.width), _places(image.height))
        image = _in_colour(image.resize(places, Image.Resampling.NEAREST))
    cells = image.resize((CELLS, CELLS), Image.Resampling.HAMMING, reducing_gap=2.0)
    return _in_colour(cells).convert("RGBA")


def _places(side: int) -> int:
    """In how many places to look along a side of so many pixels.

    The step is never a whole number: a regular dither would show the same of its levels each time.
    """
    return side if side <= _PLACES else int(side / (side // _PLACES + 0.4))


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
    half_opaque = [opacity >= _HALF_OPAQUE for opacity in opacities]
    shown = half_opaque if any(half_opaque) else opacities
    pixels = list(compress(zip(*colours, strict=True), shown))
    if not pixels:
        return _NOTHING_SHOWS
    places = [(red >> 5) * 256 + (green >> 5) * 16 + (blue >> 5) for red, green, blue in pixels]
    cubes: Counter[int] = Counter()
    for place, count in Counter(places).items():
        for corner in _CORNERS:
            cubes[place - corner] += count
    _, cube = max(zip(cubes.values(), cubes.keys(), strict=True))
    inside = {cube + corner for corner in _CORNERS}
    group = [pixel for place, pixel in zip(places, pixels, strict=True) if place in inside]
    return "#" + bytes(map(median_low, zip(*group, strict=True))).hex()
