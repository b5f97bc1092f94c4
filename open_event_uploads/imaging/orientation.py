"""How a picture is held (EXIF 2.32, table 9)."""

from PIL import ExifTags, Image

# What turns a stored picture into the one that is shown.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
QUARTER_TURNS = frozenset({5, 6, 7, 8})


def orientation_of(image: Image.Image) -> int:
    """How EXIF says that a picture is shown, 2 to 8; 1 for upright, and where it says nothing.

    Asked after decoding: for a PNG, Pillow decodes to find out, and what goes wrong then would be
    taken for damaged EXIF, which is no reason to refuse an image.
    """
    try:
        found = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001 - the parser may raise anything on hostile bytes
        return 1
    return found if found in _TURNS else 1


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as it is shown; the very same where it is stored so."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)
