"""Read the bytes of a file that was received, in memory or on disk."""

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import BinaryIO, Protocol, Self

from open_event_uploads.imaging.arriving_file import ArrivingFile
from open_event_uploads.imaging.spool import Spool

_CHUNK_BYTES = 256 * 1024
_HEAD_BYTES = 512


class KnownDigest(Protocol):
    """A digest as of `hashlib`."""

    def hexdigest(self) -> str:
        """Return it in hexadecimal digits."""


class IncomingFile:
    """The bytes of one file: in memory, or in an open file that this object closes.

    A nameless file is gone when it is closed, also by `kill -9`.

    Args:
        content: the bytes or the file.
        sealed: nobody can change the file, although it has a name; a storage need not copy it.
        digest: its SHA-256, if it is known.
    """

    def __init__(
        self,
        content: bytes | BinaryIO,
        *,
        sealed: bool = False,
        digest: KnownDigest | None = None,
    ) -> None:
        self._content = content
        self.sealed = sealed
        self._digest = content.digest if isinstance(content, Spool) else digest
        self.size = (
            len(content) if isinstance(content, bytes) else os.fstat(content.fileno()).st_size
        )

    @classmethod
    def receive(cls, chunks: Iterable[bytes]) -> Self:
        """Collect bytes; memory stays flat."""
        arriving = ArrivingFile()
        try:
            for chunk in chunks:
                arriving.append([chunk])
            return cls(arriving.content())
        except BaseException:
            arriving.close()
            raise

    def reader(self) -> BinaryIO:
        """Open a reader at the first byte; several may read at the same time."""
        if isinstance(self._content, bytes):
            return io.BytesIO(self._content)
        return io.BufferedReader(_Reader(self._content.fileno()), _CHUNK_BYTES)

    @property
    def descriptor(self) -> int | None:
        """The descriptor of the open file; None if the bytes are in memory."""
        return None if isinstance(self._content, bytes) else self._content.fileno()

    def head(self) -> bytes:
        """Return the first bytes, at most 512, to recognise a signature."""
        with self.reader() as reader:
            return reader.read(_HEAD_BYTES)

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over the bytes in parts."""
        if isinstance(self._content, bytes):
            yield self._content
            return
        with self.reader() as reader:
            while chunk := reader.read(_CHUNK_BYTES):
                yield chunk

    def read(self) -> bytes:
        """Return all bytes."""
        if isinstance(self._content, bytes):
            return self._content
        with self.reader() as reader:
            return reader.read()

    @cached_property
    def checksum(self) -> str:
        """The SHA-256 as `sha256:` and 64 hexadecimal digits."""
        if self._digest is not None:
            return f"sha256:{self._digest.hexdigest()}"
        digest = hashlib.sha256()
        for chunk in self:
            digest.update(chunk)
        return f"sha256:{digest.hexdigest()}"

    def close(self) -> None:
        """Close the open file, if any."""
        if not isinstance(self._content, bytes):
            self._content.close()

    def __del__(self) -> None:
        """Close the open file: callers need not know that there is one."""
        self.close()

    def __enter__(self) -> Self:
        """Return the file itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the open file, if any."""
        self.close()


class _Reader(io.RawIOBase):
    """Read a file with a position of its own, so that several can read it at the same time."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._position = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer
        """Read into a buffer from the current position."""
        found = os.preadv(self._descriptor, [buffer], self._position)
        self._position += found
        return found

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the position."""
        size = os.fstat(self._descriptor).st_size
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: size}[whence]
        self._position = max(0, start + offset)
        return self._position
