"""Take what tells about a person out of a picture, and leave every pixel as it is.

Cameras write where, when and with which device a picture was taken; editors add thumbnails of what
was cut away, captions and histories. All of that goes, by default of everything that is not needed
to show the picture: what a decoder does not need is not kept because it looks harmless. The coded
pixels are copied, not coded anew. Orientation and colour profile stay, because they change what is
seen.

Each format has a module. All of them either understand a file to its end or raise
`MetadataUnreadable`: no file is passed on because it was too odd to read. Each takes time in
proportion to the size of the file.
"""

from collections.abc import Callable, Mapping

from open_event_uploads.imaging.formats import ImageFormat
from open_event_uploads.imaging.metadata.avif import strip_avif
from open_event_uploads.imaging.metadata.gif import strip_gif
from open_event_uploads.imaging.metadata.jpeg import strip_jpeg
from open_event_uploads.imaging.metadata.png import strip_png
from open_event_uploads.imaging.metadata.result import NAMES, TRAILER, MetadataUnreadable, Stripped
from open_event_uploads.imaging.metadata.webp import strip_webp

__all__ = ["NAMES", "TRAILER", "MetadataUnreadable", "Stripped", "strip_metadata"]

_BY_MEDIA_TYPE: Mapping[str, Callable[[bytes], Stripped]] = {
    "image/avif": strip_avif,
    "image/gif": strip_gif,
    "image/jpeg": strip_jpeg,
    "image/png": strip_png,
    "image/webp": strip_webp,
}


def strip_metadata(content: bytes, format: ImageFormat) -> Stripped:  # noqa: A002 - the field's noun
    """Remove what is not needed to show a picture.

    Args:
        content: one whole file that has been decoded and accepted. Other bytes do no harm.
        format: what the bytes are.

    Returns:
        The new bytes and what is missing from them. Where nothing was removed, the very object
        that was given. What comes out, given again, comes out as it is.

    Raises:
        MetadataUnreadable: the file's structure is not understood, so nobody can say what is in
            it. No other exception is raised, whatever the bytes.
    """
    strip = _BY_MEDIA_TYPE.get(format.media_type)
    if strip is None:
        raise MetadataUnreadable(f"No rule says what {format.media_type} may keep.")
    return strip(content)
