"""Open an image and check what its header claims, before any pixel is decoded."""

import re
from typing import BinaryIO

from PIL import Image, ImageFile, UnidentifiedImageError

from open_event_uploads.errors import (
    CorruptImage,
    TooManyPixels,
    UnsupportedFileType,
    UploadsError,
)
from open_event_uploads.imaging.formats import BY_PILLOW_NAME
from open_event_uploads.imaging.pillow import PILLOW_FORMATS
from open_event_uploads.imaging.policy import FilePolicy

# What Pillow raises for an image beyond its own limit, and the number in its message.
PIXEL_LIMIT_ERRORS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_PIXELS_IN_MESSAGE = re.compile(r"\((\d+) pixels\)")

# How files of the formats in `FORMATS` begin.
_HEAD_BYTES = 12
_SIGNATURES = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF.{4}WEBP|.{4}ftypavi[fs]", re.DOTALL
)

# ISO/IEC 23008-12, annex B: still images and sequences coded with HEVC.
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def open_image(reader: BinaryIO, policy: FilePolicy) -> ImageFile.ImageFile:
    """Open an image whose header keeps within the policy.

    Raises:
        UnsupportedFileType: the bytes are not an image of an allowed type.
        TooManyPixels, TooManyFrames: the header claims more than is allowed.
        CorruptImage: the header is damaged.
    """
    try:
        image = Image.open(reader, formats=PILLOW_FORMATS)
    except UnidentifiedImageError:
        reader.seek(0)
        head = reader.read(_HEAD_BYTES)
        if _SIGNATURES.match(head):
            raise CorruptImage("The image's header is damaged.") from None
        raise UnsupportedFileType(_heic_advice(head) or _accepted_types(policy)) from None
    except PIXEL_LIMIT_ERRORS as error:
        raise to_too_many_pixels(error, policy) from None
    except Exception as error:  # a decoder may raise anything
        raise CorruptImage("The image's header is damaged.") from error
    try:
        policy.check_media_type(BY_PILLOW_NAME[str(image.format)].media_type)
        policy.check_frames(*image.size, _claimed_frames(image))
    except UploadsError:
        image.close()
        raise
    return image


def to_too_many_pixels(error: Exception, policy: FilePolicy) -> TooManyPixels:
    """Return our error for one of `PIXEL_LIMIT_ERRORS`."""
    match = _PIXELS_IN_MESSAGE.search(str(error))
    return TooManyPixels(
        f"The image claims more pixels than any decoder is given; {policy.max_pixels} are allowed.",
        limit=policy.max_pixels,
        actual=int(match[1]) if match else None,
    )


def _heic_advice(head: bytes) -> str | None:
    """Return advice if the file is an image that phones make and most browsers cannot show.

    ISO/IEC 14496-12, section 4.3: the brand follows `ftyp`.
    """
    if head[4:8] != b"ftyp" or head[8:12] not in _HEIC_BRANDS:
        return None
    return (
        "HEIC images are not accepted, because most browsers cannot show them. Send a JPEG "
        "(iPhone: Settings, Camera, Formats, Most Compatible)."
    )


def _accepted_types(policy: FilePolicy) -> str:
    accepted = ", ".join(sorted(policy.media_types | policy.file_types))
    kind = "a file" if policy.file_types else "an image"
    return f"The bytes are not {kind} of an accepted type ({accepted})."


def _claimed_frames(image: ImageFile.ImageFile) -> int:
    """Return the number of frames in the header; 1 for formats that do not declare it (GIF)."""
    if image.format in {"GIF", "MPO"}:
        return 1
    return int(getattr(image, "n_frames", 1))
