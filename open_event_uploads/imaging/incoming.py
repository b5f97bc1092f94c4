"""A file that came in, wherever its bytes are while nobody knows yet what they are."""

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import BinaryIO, Self

from open_event_uploads.imaging.spool import Spool, open_spool, write_to

# What may stay in memory of a file that arrives in parts; a larger one waits on disk.
_IN_MEMORY_BYTES = 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_HEAD_BYTES = 512


class IncomingFile:
    """The bytes of one file: in memory, or in a file without a name.

    A file without a name is gone when it is closed, even if that is the work of `kill -9`.

    Args:
        content: the bytes, or an open file, which this object takes over.
    """

    def __init__(self, content: bytes | BinaryIO) -> None:
        self._content = content
        self.size = (
            len(content) if isinstance(content, bytes) else os.fstat(content.fileno()).st_size
        )

    @classmethod
    def receive(cls, chunks: Iterable[bytes], folder: os.PathLike[str] | None = None) -> Self:
        """Keep what arrives; memory stays flat however much it is.

        Args:
            chunks: the bytes.
            folder: where a long file is to wait, as of `open_spool`.
        """
        held = bytearray()
        arriving = iter(chunks)
        for chunk in arriving:
            held += chunk
            if len(held) > _IN_MEMORY_BYTES:
                return cls._spooled(held, arriving, folder)
        return cls(bytes(held))

    @classmethod
    def _spooled(
        cls, held: bytearray, arriving: Iterable[bytes], folder: os.PathLike[str] | None = None
    ) -> Self:
        file = open_spool(folder, hashed=True)
        try:
            write_to(file, held)
            for chunk in arriving:
                write_to(file, chunk)
        except BaseException:
            file.close()
            raise
        return cls(file)

    def reader(self) -> BinaryIO:
        """A reader from the first byte on, with a position of its own."""
        if isinstance(self._content, bytes):
            return io.BytesIO(self._content)
        return io.BufferedReader(_Reader(self._content.fileno()), _CHUNK_BYTES)

    @property
    def descriptor(self) -> int | None:
        """Of the open file that the bytes are in; None where they are in memory."""
        return None if isinstance(self._content, bytes) else self._content.fileno()

    def head(self) -> bytes:
        """The first bytes, 512 at most: what a signature needs."""
        with self.reader() as reader:
            return reader.read(_HEAD_BYTES)

    def chunks(self) -> Iterator[bytes]:
        """The bytes, a part at a time."""
        if isinstance(self._content, bytes):
            yield self._content
            return
        with self.reader() as reader:
            while chunk := reader.read(_CHUNK_BYTES):
                yield chunk

    def content(self) -> "bytes | OpenParts":
        """The bytes as a storage wants them."""
        return self._content if isinstance(self._content, bytes) else OpenParts(self)

    def read(self) -> bytes:
        """The bytes, whole."""
        if isinstance(self._content, bytes):
            return self._content
        with self.reader() as reader:
            return reader.read()

    @cached_property
    def checksum(self) -> str:
        """`sha256:` and 64 hexadecimal digits."""
        if isinstance(self._content, Spool) and self._content.digest is not None:
            return f"sha256:{self._content.digest.hexdigest()}"
        digest = hashlib.sha256()
        for chunk in self.chunks():
            digest.update(chunk)
        return f"sha256:{digest.hexdigest()}"

    def close(self) -> None:
        """Let go of the bytes."""
        if not isinstance(self._content, bytes):
            self._content.close()

    def __del__(self) -> None:
        """Whoever has it last need not know that it is on disk."""
        self.close()

    def __enter__(self) -> Self:
        """Close it at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


class OpenParts:
    """The parts of a file, and the file that they are in.

    Args:
        file: in an open file.
    """

    def __init__(self, file: IncomingFile) -> None:
        self._file = file

    def fileno(self) -> int:
        """Its descriptor."""
        found = self._file.descriptor
        assert found is not None  # noqa: S101 - as it was made
        return found

    def __iter__(self) -> Iterator[bytes]:
        return self._file.chunks()


class _Reader(io.RawIOBase):
    """Reads a file from a position of its own: several may read one file at once.

    Args:
        descriptor: of the file; stays open.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._position = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer
        """Read on."""
        found = os.preadv(self._descriptor, [buffer], self._position)
        self._position += found
        return found

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go elsewhere."""
        size = os.fstat(self._descriptor).st_size
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: size}[whence]
        self._position = max(0, start + offset)
        return self._position
