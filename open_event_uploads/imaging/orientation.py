"""Apply the EXIF orientation of an image (EXIF 2.32, table 9)."""

from PIL import ExifTags, Image

# From an image as stored to the image as shown.
_TRANSPOSITIONS = {
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
    """Return the EXIF orientation, 1 to 8; 1 (upright) where there is none.

    An AVIF is turned by a property, which Pillow puts into its EXIF, and by no XMP (ISO/IEC
    23008-12, annex A).

    Call this after decoding: Pillow decodes a PNG to find it, and an error in the pixels would then
    be ignored as damaged EXIF.
    """
    if image.format == "AVIF":
        image.info.pop("xmp", None)
    try:
        found = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001 - the parser may raise anything on hostile bytes
        return 1
    return found if found in _TRANSPOSITIONS else 1


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return the image as it is shown; the same object if it is stored so."""
    transposition = _TRANSPOSITIONS.get(orientation)
    return image if transposition is None else image.transpose(transposition)
