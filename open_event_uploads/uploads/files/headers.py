"""The header fields that describe a file, sent by this server or by the bucket it is in."""

from collections.abc import Mapping
from urllib.parse import quote

from werkzeug.http import dump_options_header, http_date

from open_event_uploads.database.types import now
from open_event_uploads.imaging.formats import MEDIA_TYPES, FileFormat, format_of_key
from open_event_uploads.storage.keys import is_private
from open_event_uploads.uploads.files.open_file import OpenFile

# A year: what "for ever" is to caches. A URL never changes its bytes.
_LONGEST_SECONDS = 31_536_000
_PUBLIC = f"public, max-age={_LONGEST_SECONDS}, immutable"
# No shared cache keeps it, and a browser revalidates it each time.
PRIVATE = "private, no-cache"

# RFC 8187, section 3.2.1: `attr-char`, beside letters and digits.
_ATTR_CHARACTERS = "!#$&+-.^_`|~"


def headers_of(key: str) -> Mapping[str, str]:
    """Return what the key alone tells of an object; nothing for a key that is none of ours."""
    try:
        format_ = format_of_key(key)
    except KeyError:
        return {}
    return {
        "Content-Type": format_.content_type,
        "Content-Disposition": _disposition(format_),
        "Cache-Control": PRIVATE if is_private(key) else _PUBLIC,
    }


def file_headers(file: OpenFile) -> dict[str, str]:
    """Return the header fields of a file, but for its length (RFC 9110, section 8)."""
    return {
        "Content-Type": file.format.content_type,
        "Content-Disposition": content_disposition(file.format, file.filename),
        "ETag": f'"{file.tag}"',
        "Last-Modified": http_date(file.created_at),
        "Accept-Ranges": "bytes",
        "Cache-Control": _cache_control(file),
        # Whatever else the bytes may be, a browser runs none of it.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def content_disposition(format_: FileFormat, filename: str) -> str:
    """Return Content-Disposition with a name in both spellings (RFC 6266, appendix D; RFC 8187).

    A page may still show an SVG, though it is an attachment.

    Args:
        format_: of the bytes.
        filename: the client's.
    """
    name = _download_name(format_, filename)
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    options = {"filename": plain}
    if plain != name:
        options["filename*"] = f"UTF-8''{quote(name, safe=_ATTR_CHARACTERS)}"
    return dump_options_header(_disposition(format_), options)


def _download_name(format_: FileFormat, filename: str) -> str:
    """Return the client's name with the extension of the bytes: a saved file opens as a picture."""
    extension = filename.rpartition(".")[2].lower()
    return filename if extension in format_.extensions else f"{filename}.{format_.extension}"


def _disposition(format_: FileFormat) -> str:
    """Return `inline` for pictures, and `attachment` for what could be more than a picture."""
    return "inline" if format_.media_type in MEDIA_TYPES else "attachment"


def _cache_control(file: OpenFile) -> str:
    if file.is_private:
        return PRIVATE
    if file.expires_at is None:
        return _PUBLIC
    left = int((file.expires_at - now()).total_seconds())
    return f"public, max-age={min(_LONGEST_SECONDS, max(0, left))}, immutable"
