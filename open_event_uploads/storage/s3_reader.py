"""Read an object from S3."""

import io
from collections.abc import Callable
from typing import BinaryIO

from open_event_uploads.storage.s3_errors import translate_s3_errors, unavailable

# A smaller object is fetched whole, so that it stays readable when it is deleted.
HEAD_BYTES = 1024 * 1024
_CHUNK_BYTES = 256 * 1024


class S3Reader(io.RawIOBase):
    """A seekable reader: the beginning is in memory, the rest is fetched when it is read.

    The body is that of a response; `fetch` requests the same object from a position on.
    """

    def __init__(
        self, key: str, size: int, body: BinaryIO, fetch: Callable[[int], BinaryIO]
    ) -> None:
        self._key = key
        self._size = size
        self._fetch = fetch
        self._position = 0
        self._body: BinaryIO | None = body
        self._arrived = 0
        self._head = b""
        try:
            self._head = self._take(min(size, HEAD_BYTES))
        except BaseException:
            body.close()
            raise
        if size <= HEAD_BYTES:
            self._release()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the position; nothing is requested before the next read."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def tell(self) -> int:
        """Return the position of the next byte."""
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer
        """Read into a buffer; raise `StorageUnavailable` if the body ends early."""
        wanted = min(len(buffer), self._size - self._position)
        if wanted <= 0:
            return 0
        if self._position < len(self._head):
            found = self._head[self._position : self._position + wanted]
        else:
            found = self._from_body(wanted)
        buffer[: len(found)] = found
        self._position += len(found)
        return len(found)

    def readall(self) -> bytes:
        """Read to the end, in larger parts than `io` would."""
        return b"".join(iter(lambda: self.read(_CHUNK_BYTES) or b"", b""))

    def close(self) -> None:
        """Give up the connection."""
        self._release()
        super().close()

    def _from_body(self, wanted: int) -> bytes:
        if self._body is None or self._arrived != self._position:
            self._release()
            self._body = self._fetch(self._position)
            self._arrived = self._position
        return self._take(wanted)

    def _take(self, wanted: int) -> bytes:
        """Read this many bytes from the body."""
        found = bytearray()
        with translate_s3_errors(self._key):
            while len(found) < wanted and self._body is not None:
                chunk = self._body.read(wanted - len(found))
                if not chunk:
                    raise unavailable()
                found += chunk
        self._arrived += len(found)
        return bytes(found)

    def _release(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
