"""Compare what images look like, and make EXIF as a camera writes it."""

import io
from dataclasses import dataclass

from PIL import Image

from open_event_uploads.imaging.formats import BY_PILLOW_NAME
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.metadata import Stripped, strip_metadata
from open_event_uploads.imaging.orientation import orientation_of
from open_event_uploads.imaging.pillow import PILLOW_FORMATS
from open_event_uploads.imaging.plain_png import plain_picture

SERIAL = "SERIAL-4711"
ICC = b"a colour profile"
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description exif:GPSLatitude="52,31N" '
    b'tiff:Orientation="6"/></x:xmpmeta>'
)


@dataclass(frozen=True, slots=True)
class Frame:
    mode: str
    size: tuple[int, int]
    pixels: bytes
    duration: object


@dataclass(frozen=True, slots=True)
class Look:
    """Everything of an image that changes what is seen."""

    frames: tuple[Frame, ...]
    orientation: int
    icc_profile: bytes | None
    transparency: object
    loop: object


def look_at(content: bytes) -> Look:
    """Decode every frame; of a JPEG the first image, which is the one shown."""
    # As a decoder opens it: viewers pass over a damaged chunk that Pillow refuses.
    file = plain_picture(IncomingFile(content))
    with file.reader() as reader, Image.open(reader, formats=PILLOW_FORMATS) as image:
        count = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
        frames = []
        for number in range(count):
            if count > 1:
                image.seek(number)
            image.load()
            duration = image.info.get("duration")
            frames.append(Frame(image.mode, image.size, image.tobytes(), duration))
        info = image.info
        return Look(
            frames=tuple(frames),
            orientation=orientation_of(image),
            icc_profile=info.get("icc_profile"),
            transparency=info.get("transparency"),
            loop=info.get("loop"),
        )


def strip(content: bytes, name: str) -> Stripped:
    """Strip a file and check what is promised of every result."""
    before = look_at(content)
    result = strip_metadata(content, BY_PILLOW_NAME[name])
    assert look_at(result.content) == before
    again = strip_metadata(result.content, BY_PILLOW_NAME[name])
    assert again.content is result.content
    assert again.removed == ()
    assert (result.content is content) == (result.removed == ())
    return result


def camera_exif(orientation: int | None = None, *, has_location: bool = True) -> bytes:
    """Make EXIF with a serial number and, unless told otherwise, a location."""
    exif = Image.Exif()
    exif[0x010F] = "Camera maker"
    exif[0xC62F] = SERIAL  # CameraSerialNumber
    if orientation is not None:
        exif[0x0112] = orientation
    if has_location:
        gps = exif.get_ifd(0x8825)
        gps[1], gps[2] = "N", (52.0, 31.0, 12.0)
    return exif.tobytes()


def exif_of(content: bytes) -> dict[int, object]:
    """Return the EXIF tags that Pillow finds."""
    with Image.open(io.BytesIO(content), formats=PILLOW_FORMATS) as image:
        image.load()
        return dict(image.getexif())


def info_of(content: bytes) -> dict[str | tuple[int, int], object]:
    """Return the other metadata that Pillow finds."""
    with Image.open(io.BytesIO(content), formats=PILLOW_FORMATS) as image:
        image.load()
        return dict(image.info)
