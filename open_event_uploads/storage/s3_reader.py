"""A reader of an object in S3."""

import io
from collections.abc import Callable
from typing import Protocol

from open_event_uploads.storage.s3_errors import translate_s3_errors, unavailable

# A smaller object is fetched whole at once, so that it stays readable when it is deleted.
HEAD_BYTES = 1024 * 1024
_CHUNK_BYTES = 256 * 1024


class Body(Protocol):
    """What is left of an object, as it comes over the wire."""

    def read(self, amount: int) -> bytes:
        """So many bytes, or fewer."""

    def close(self) -> None:
        """Give the connection up."""


class S3Reader(io.RawIOBase):
    """Reads the beginning from memory and the rest as it comes, anew from wherever one seeks.

    Args:
        key: of the object.
        size: bytes.
        body: from the first byte on.
        fetch: asks for the rest of the same object from a position on.
    """

    def __init__(self, key: str, size: int, body: Body, fetch: Callable[[int], Body]) -> None:
        self._key = key
        self._size = size
        self._fetch = fetch
        self._position = 0
        self._body: Body | None = body
        self._arrived = 0
        self._head = b""
        try:
            self._head = self._take(min(size, HEAD_BYTES))
        except BaseException:
            body.close()
            raise
        if size <= HEAD_BYTES:
            self._let_go()

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go elsewhere; asks for nothing yet."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer
        """Read on.

        Raises:
            StorageUnavailable: the rest does not come, though it should be there.
        """
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
        """Everything that is left, in parts larger than the library's."""
        return b"".join(iter(lambda: self.read(_CHUNK_BYTES) or b"", b""))

    def close(self) -> None:
        """Let go of the connection."""
        self._let_go()
        super().close()

    def _from_body(self, wanted: int) -> bytes:
        if self._body is None or self._arrived != self._position:
            self._let_go()
            self._body = self._fetch(self._position)
            self._arrived = self._position
        return self._take(wanted)

    def _take(self, wanted: int) -> bytes:
        """So many of the next bytes that arrive."""
        found = bytearray()
        with translate_s3_errors(self._key):
            while len(found) < wanted and self._body is not None:
                chunk = self._body.read(wanted - len(found))
                if not chunk:
                    raise unavailable()
                found += chunk
        self._arrived += len(found)
        return bytes(found)

    def _let_go(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
