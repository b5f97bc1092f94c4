"""Read a file in parts, wherever it is."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

File = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO
Progress = Callable[[int, int], object]

_BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """A file to send.

    Args:
        stream: its bytes, from the first one on.
        size: how many there are.
        name: of the file; None if it has none.
    """

    stream: BinaryIO
    size: int
    name: str | None

    def read(self, offset: int, limit: int) -> bytes:
        """Return the bytes from an offset on, at most so many.

        Raises:
            ValueError: the file has become shorter meanwhile.
        """
        self.stream.seek(offset)
        found = self.stream.read(limit)
        if limit and not found:
            raise ValueError(f"The file became shorter while it was sent: it ends before {offset}.")
        return found


@contextmanager
def open_source(file: File) -> Iterator[Source]:
    """Open a file that is given by its path, as its bytes, or already open.

    An open file is sent from its start and stays open.

    Raises:
        ValueError: it is open, and one cannot go back in it.
    """
    if isinstance(file, str | os.PathLike):
        path = Path(file)
        with path.open("rb") as stream:
            yield Source(stream, os.fstat(stream.fileno()).st_size, path.name)
    elif isinstance(file, bytes | bytearray | memoryview):
        yield Source(io.BytesIO(file), memoryview(file).nbytes, None)
    elif file.seekable():
        name = getattr(file, "name", None)
        size = file.seek(0, os.SEEK_END)
        yield Source(file, size, Path(name).name if isinstance(name, str) else None)
    else:
        raise ValueError("An open file must be seekable, to go back after a lost connection.")


@dataclass(slots=True)
class Part:
    """The bytes of a file that one request carries.

    Args:
        source: the file.
        start: of the first byte.
        stop: behind the last byte.
        on_progress: is told how much of the file has been sent, and how large it is.
    """

    source: Source
    start: int
    stop: int
    on_progress: Progress | None = None

    def __len__(self) -> int:
        """Return how many bytes are left."""
        return self.stop - self.start

    def read(self) -> bytes:
        """Return the next block; empty at the end."""
        return self.source.read(self.start, min(_BLOCK_BYTES, len(self))) if len(self) else b""

    def advance(self, count: int) -> None:
        """Note that so many bytes were handed to the network."""
        self.start += count
        if self.on_progress:
            self.on_progress(self.start, self.source.size)
