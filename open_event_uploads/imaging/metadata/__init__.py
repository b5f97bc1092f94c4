"""Remove metadata from images without changing a pixel.

Cameras record where, when and with which device an image was taken; editors add thumbnails of
cropped parts, captions and histories. Everything is removed that is not needed to show the image,
even if it looks harmless. Orientation and colour profile stay, because they change what is seen.
Coded pixels are copied, not encoded again.

Each format has a module. It either understands a file to its end or raises `MetadataUnreadable`, so
that no file passes because it is too unusual to read. Its time is proportional to the file's size.
Imports nothing from outside this package but `imaging/formats.py`.
"""

from collections.abc import Callable, Mapping

from open_event_uploads.imaging.formats import ImageFormat
from open_event_uploads.imaging.metadata.avif import strip_avif
from open_event_uploads.imaging.metadata.cicp import Cicp, read_cicp
from open_event_uploads.imaging.metadata.gif import strip_gif
from open_event_uploads.imaging.metadata.jpeg import strip_jpeg
from open_event_uploads.imaging.metadata.png import strip_png
from open_event_uploads.imaging.metadata.result import NAMES, TRAILER, MetadataUnreadable, Stripped
from open_event_uploads.imaging.metadata.webp import strip_webp

__all__ = [
    "NAMES",
    "TRAILER",
    "Cicp",
    "MetadataUnreadable",
    "Stripped",
    "read_cicp",
    "strip_metadata",
]

_BY_MEDIA_TYPE: Mapping[str, Callable[[bytes], Stripped]] = {
    "image/avif": strip_avif,
    "image/gif": strip_gif,
    "image/jpeg": strip_jpeg,
    "image/png": strip_png,
    "image/webp": strip_webp,
}


def strip_metadata(content: bytes, format: ImageFormat) -> Stripped:  # noqa: A002 - the field's noun
    """Remove everything that is not needed to show an image.

    Args:
        content: one whole file that has been inspected. Other bytes do no harm.
        format: of the bytes.

    Returns:
        The new bytes and the names of what was removed. If nothing was, the given object itself;
        stripping a result again removes nothing.

    Raises:
        MetadataUnreadable: the file's structure is not understood. No other exception is raised,
            whatever the bytes.
    """
    strip = _BY_MEDIA_TYPE.get(format.media_type)
    if strip is None:
        raise MetadataUnreadable(f"There are no rules for {format.media_type}.")
    return strip(content)
