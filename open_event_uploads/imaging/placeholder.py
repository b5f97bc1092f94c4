"""Make the placeholder that a page shows while an image loads: a blurred preview and a colour."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import compress

from PIL import Image

from open_event_uploads.imaging.colours import to_srgb
from open_event_uploads.imaging.orientation import QUARTER_TURNS, upright
from open_event_uploads.imaging.thumbhash import CELLS, Bands, split, thumbhash

# Modes that Pillow averages directly. In others a value is an index of a palette or a hue, or
# Pillow would premultiply a copy of the whole image.
_AVERAGED = frozenset({"L", "RGB", "RGBX", "CMYK", "YCbCr", "RGBa", "I", "F"})

# Images of other modes are sampled at about this many points a side.
_SAMPLES = 128

# Cells of the colour space: eight steps in each band. An index has three digits to base 9, from 1
# to 8, so that each cell has a neighbour below it. A cube is two cells wide in each direction.
_DIRECTIONS = (81, 9, 1)
_REDS, _GREENS, _BLUES = (
    [(1 + (level >> 5)) * direction for level in range(256)] for direction in _DIRECTIONS
)
_CORNERS = [red + green + blue for red in (0, 81) for green in (0, 9) for blue in (0, 1)]
_CELL_COUNT = 9**3

_COLOURS = 3
_OPAQUE = b"\xff" * CELLS**2
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
        cells = to_srgb(cells, profile)
    size = image.size
    if orientation in QUARTER_TURNS:
        size = (image.height, image.width)
    bands = split(upright(cells, orientation))
    if bands[-1] == _OPAQUE and len(bands) > _COLOURS:
        bands.pop()
    encoded = base64.b64encode(thumbhash(bands, size))
    return Placeholder(encoded.decode("ascii"), _find_dominant_colour(bands))


def _reduce(image: Image.Image) -> Image.Image:
    """Reduce an image of any shape to `CELLS` x `CELLS` pixels in RGB or RGBA."""
    if image.mode not in _AVERAGED or "transparency" in image.info:
        samples = (_count_samples(image.width), _count_samples(image.height))
        image = _to_colour(image.resize(samples, Image.Resampling.NEAREST))
    cells = image.resize((CELLS, CELLS), Image.Resampling.HAMMING, reducing_gap=2.0)
    return cells if cells.mode == "RGB" else _to_colour(cells)


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


def _find_dominant_colour(bands: Bands) -> str:
    """Return the median of the largest group of similar colours, as `#rrggbb`.

    A group is the pixels in a cube of the colour space, 64 levels a side. Cubes are 32 levels apart
    and overlap, so that no edge splits a colour that varies a little. The median of a band, unlike
    the mean, is the exact colour of a flat ground. Pixels count that are at least half opaque; if
    none is, all that are not entirely transparent.
    """
    red, green, blue = _shown(*bands)
    if not red:
        return _WHITE
    indexes = [_REDS[r] + _GREENS[g] + _BLUES[b] for r, g, b in zip(red, green, blue, strict=True)]
    corner = _find_fullest_cube(indexes)
    inside = [*map({corner + each for each in _CORNERS}.__contains__, indexes)]
    middle = (sum(inside) - 1) // 2
    medians = [sorted(compress(band, inside))[middle] for band in (red, green, blue)]
    return "#" + bytes(medians).hex()


def _shown(red: bytes, green: bytes, blue: bytes, opacity: bytes = b"") -> Iterable[bytes]:
    """Return the colours of the pixels that count."""
    if not opacity:
        return red, green, blue
    half_opaque = [each >= _HALF_OPAQUE for each in opacity]
    shown = half_opaque if any(half_opaque) else opacity
    return (bytes(compress(band, shown)) for band in (red, green, blue))


def _find_fullest_cube(indexes: Iterable[int]) -> int:
    """Return the index of the first cell of the cube with the most pixels; the last of equals.

    All cubes are summed at once, in a number with a byte for each cell: no count exceeds
    `CELLS` x `CELLS`.
    """
    counts = bytearray(_CELL_COUNT)
    for index in indexes:
        counts[index] += 1
    sums = int.from_bytes(counts, "little")
    for neighbour in _DIRECTIONS:
        sums += sums >> 8 * neighbour
    cubes = sums.to_bytes(_CELL_COUNT, "little")
    # Most are empty, and need not be compared.
    return cubes.rindex(max(cubes.translate(None, b"\0")))
