"""The header fields that describe a file, sent by this server or by the bucket it is in."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from werkzeug.http import http_date

from open_event_uploads.database.types import now
from open_event_uploads.imaging.formats import format_of_key
from open_event_uploads.storage.keys import is_private
from open_event_uploads.uploads.files.content_disposition import (
    content_disposition,
    disposition_type,
)
from open_event_uploads.uploads.files.open_file import OpenFile

# A year: what "for ever" is to caches. A URL never changes its bytes.
_LONGEST_SECONDS = 31_536_000
_PUBLIC = f"public, max-age={_LONGEST_SECONDS}, immutable"
# No shared cache keeps it, and a browser revalidates it each time.
PRIVATE = "private, no-cache"


def headers_of(key: str) -> Mapping[str, str]:
    """Return what the key alone tells of an object; nothing for a key that is none of ours."""
    try:
        format_ = format_of_key(key)
    except KeyError:
        return {}
    return {
        "Content-Type": format_.content_type,
        "Content-Disposition": disposition_type(format_),
        "Cache-Control": PRIVATE if is_private(key) else _PUBLIC,
    }


def file_headers(file: OpenFile) -> dict[str, str]:
    """Return the header fields of a file, but for its length (RFC 9110, section 8)."""
    return {
        "Content-Type": file.format.content_type,
        "Content-Disposition": content_disposition(file.format, file.filename),
        "ETag": f'"{file.tag}"',
        # Not later than Date, though a clock was set back (RFC 9110, section 8.8.2.1).
        "Last-Modified": _http_date(min(file.created_at, now())),
        "Accept-Ranges": "bytes",
        "Cache-Control": _cache_control(file),
        # Whatever else the bytes may be, a browser runs none of it.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


@lru_cache(1000)
def _http_date(moment: datetime) -> str:
    return http_date(moment)


def _cache_control(file: OpenFile) -> str:
    if file.is_private:
        return PRIVATE
    if file.expires_at is None:
        return _PUBLIC
    left = int((file.expires_at - now()).total_seconds())
    return f"public, max-age={min(_LONGEST_SECONDS, max(0, left))}, immutable"
