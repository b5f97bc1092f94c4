"""What a browser is told of bytes, whoever sends them: this server, or the bucket they are in."""

from collections.abc import Mapping

from open_event_uploads.imaging.formats import MEDIA_TYPES, FileFormat, format_of_key
from open_event_uploads.storage.keys import is_private

# A year: what "for ever" is to caches. A URL never changes its bytes.
LONGEST_SECONDS = 31_536_000
PUBLIC = f"public, max-age={LONGEST_SECONDS}, immutable"
# No shared cache keeps it, and a browser asks again each time.
PRIVATE = "private, no-cache"


def disposition(format_: FileFormat) -> str:
    """`inline` for pictures; whatever could be more than a picture is an `attachment`."""
    return "inline" if format_.media_type in MEDIA_TYPES else "attachment"


def headers_of(key: str) -> Mapping[str, str]:
    """What can be said of an object by its key alone; nothing of one that is none of ours."""
    try:
        format_ = format_of_key(key)
    except KeyError:
        return {}
    return {
        "Content-Type": format_.content_type,
        "Content-Disposition": disposition(format_),
        "Cache-Control": PRIVATE if is_private(key) else PUBLIC,
    }
