"""`/media/{key}`: the bytes."""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from flask import Response, current_app, request
from werkzeug.http import http_date

from open_event_uploads.api.bucket_redirect import redirect_to_bucket
from open_event_uploads.api.disposition import content_disposition
from open_event_uploads.api.download_link import may_open
from open_event_uploads.api.ranges import requested_range
from open_event_uploads.errors import PreconditionFailed
from open_event_uploads.extensions import current_presets, current_settings, current_storage, db
from open_event_uploads.media.file_headers import LONGEST_SECONDS, PRIVATE, PUBLIC
from open_event_uploads.models.base import now
from open_event_uploads.services.find_file import find_file, no_such_file
from open_event_uploads.services.open_file import OpenFile, open_file
from open_event_uploads.storage.contract import HasFiles, check_key

_CHUNK_BYTES = 256 * 1024


def get_file(key: str) -> Response:
    """Answer GET and HEAD with the bytes under a storage key (RFC 9110, sections 13 and 14).

    A URL never changes its bytes, so the answer may be kept for ever; nothing in it may run. What
    not everybody may see is kept by no shared cache, and by a browser only to ask again; what has a
    lease is kept by nobody beyond its end.
    """
    try:
        check_key(key)
    except ValueError:
        raise no_such_file() from None
    upload = find_file(key, may_open=may_open, engine=db.engine)
    if redirect := redirect_to_bucket(upload, key):
        return redirect
    file = open_file(
        upload,
        key,
        presets=partial(current_presets, fresh=True),
        engine=db.engine,
        storage=current_storage(),
    )
    try:
        return _conditional(key, file, _headers(file))
    except BaseException:
        file.reader.close()
        raise


def _conditional(key: str, file: OpenFile, headers: dict[str, str]) -> Response:
    named = request.headers
    if "If-Match" in named and request.if_match and not request.if_match.contains(file.tag):
        raise PreconditionFailed("The file is not the one that If-Match names.", header="If-Match")
    if "If-None-Match" in named and request.if_none_match.contains_weak(file.tag):
        file.reader.close()
        return current_app.response_class(status=304, headers=headers)
    part = requested_range(_applicable_range(file), file.size)
    if location := _location_in_nginx(key):
        file.reader.close()
        del headers["Accept-Ranges"]  # nginx says it of itself, and would say it twice
        return current_app.response_class(headers={**headers, "X-Accel-Redirect": location})
    if part is None:
        return _streamed(_FilePart(file.reader, 0, file.size), 200, headers)
    headers["Content-Range"] = part.content_range
    return _streamed(_FilePart(file.reader, part.start, part.length), 206, headers)


def _applicable_range(file: OpenFile) -> str | None:
    """The Range header, unless If-Range says that the client holds part of something else.

    A date, with its resolution of a second, and a weak tag prove nothing (section 13.1.5); Range
    has a meaning for GET only (section 14.2).
    """
    condition = request.headers.get("If-Range")
    if request.method != "GET" or condition not in (None, f'"{file.tag}"'):
        return None
    return request.headers.get("Range")


def _location_in_nginx(key: str) -> str | None:
    """Where nginx finds the file, which then sends it, or the part that is asked for."""
    prefix, storage = current_settings().x_accel_prefix, current_storage()
    if not prefix or not isinstance(storage, HasFiles):
        return None
    return f"{prefix}{storage.relative_path(key)}"


def _streamed(part: "_FilePart", status: int, headers: dict[str, str]) -> Response:
    headers["Content-Length"] = str(part.length)
    return current_app.response_class(part, status, headers, direct_passthrough=True)


class _FilePart:
    """The bytes of one part of a file, in chunks; closed at the end, or earlier by the server.

    Not a generator: closing one that was never started would leave the file open.

    Args:
        file: open; this object takes it over.
        start: of the first byte.
        length: bytes.
    """

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self.length = length
        self._file = file
        self._missing = length
        if start:
            file.seek(start)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = self._file.read(min(self._missing, _CHUNK_BYTES)) if self._missing else b""
        if not chunk:
            self.close()
            raise StopIteration
        self._missing -= len(chunk)
        return chunk

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _headers(file: OpenFile) -> dict[str, str]:
    return {
        "Content-Type": file.format.said,
        "Content-Disposition": content_disposition(file.format, file.filename),
        "ETag": f'"{file.tag}"',
        "Last-Modified": http_date(file.created_at),
        "Accept-Ranges": "bytes",
        "Cache-Control": _cache_control(file),
        # Whatever else the bytes may be, a browser runs none of it.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def _cache_control(file: OpenFile) -> str:
    if file.is_private:
        return PRIVATE
    if file.expires_at is None:
        return PUBLIC
    left = int((file.expires_at - now()).total_seconds())
    return f"public, max-age={min(LONGEST_SECONDS, max(0, left))}, immutable"
