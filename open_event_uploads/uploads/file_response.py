"""What an answer with a file consists of, whoever gives it."""

from collections.abc import Iterator
from typing import BinaryIO

from werkzeug.http import http_date

from open_event_uploads.database.types import now
from open_event_uploads.uploads.disposition import content_disposition
from open_event_uploads.uploads.file_headers import LONGEST_SECONDS, PRIVATE, PUBLIC
from open_event_uploads.uploads.open_file import OpenFile

# So much is read and sent at once.
CHUNK_BYTES = 256 * 1024


class FilePart:
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
        chunk = self._file.read(min(self._missing, CHUNK_BYTES)) if self._missing else b""
        if not chunk:
            self.close()
            raise StopIteration
        self._missing -= len(chunk)
        return chunk

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def file_headers(file: OpenFile) -> dict[str, str]:
    """The fields of its answer, but for its length (RFC 9110, section 8)."""
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


def _cache_control(file: OpenFile) -> str:
    if file.is_private:
        return PRIVATE
    if file.expires_at is None:
        return PUBLIC
    left = int((file.expires_at - now()).total_seconds())
    return f"public, max-age={min(LONGEST_SECONDS, max(0, left))}, immutable"
