"""Reduce a PNG to its picture before Pillow opens it.

Pillow inflates every text, and refuses an image for a long one, or for a wrong checksum of any
chunk. Other viewers pass over what they do not need.
"""

from open_event_uploads.imaging.formats import BY_MEDIA_TYPE
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.metadata import MetadataUnreadable, strip_metadata

_PNG = BY_MEDIA_TYPE["image/png"]
_SIGNATURE = b"\x89PNG"


def plain_picture(file: IncomingFile) -> IncomingFile:
    """Return a PNG without metadata but its orientation; any other file as it is."""
    if not file.head().startswith(_SIGNATURE):
        return file
    content = file.read()
    try:
        plain = strip_metadata(content, _PNG).content
    except MetadataUnreadable:
        return file  # decoders judge it
    return file if plain is content else IncomingFile(plain)
