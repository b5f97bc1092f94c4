"""Nameless files for bytes that are too long for memory; they disappear with the process."""

import hashlib
import io
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol, runtime_checkable

from open_event_uploads.errors import StorageFull
from open_event_uploads.positioned_write import write_parts

# Only a process that may read the file may give it a name.
_MODE = 0o600


@runtime_checkable
class Receiver(Protocol):
    """An object that is given bytes as they arrive."""

    def append(self, parts: Sequence[bytes], /) -> None:
        """Take bytes; raise `StorageFull` if there is no space."""

    def close(self) -> None:
        """Drop everything; do nothing if that was done."""


@runtime_checkable
class KeepingReceiver(Receiver, Protocol):
    """A receiver that keeps what came of a body that breaks off."""

    def keep(self) -> None:
        """Keep everything that was appended; `close` is called next.

        It is called in a thread, when the client has gone away or was too slow.
        """


class Spool(io.FileIO):
    """A nameless file, open for reading from its beginning and for appending.

    Args:
        descriptor: of the open file; the spool takes it over.
        hashed: compute the SHA-256 while writing, which saves reading the file again.
        kept: begin to write each part to the disk at once, because a storage adopts the file.
    """

    def __init__(self, descriptor: int, *, hashed: bool = False, kept: bool = False) -> None:
        super().__init__(descriptor, "r+")
        self.digest = hashlib.sha256() if hashed else None
        self._kept = kept
        self._size = 0

    def append(self, parts: Sequence[bytes | bytearray]) -> None:
        """Append bytes; raise `StorageFull` if there is no space."""
        try:
            self._size = write_parts(self.fileno(), parts, self._size, is_kept=self._kept)
        except OSError as error:
            raise _full() from error
        if self.digest is not None:
            for part in parts:
                self.digest.update(part)


def open_spool(folder: os.PathLike[str] | None = None, *, hashed: bool = False) -> Spool:
    """Open an empty spool; the caller closes it.

    Args:
        folder: from which a storage can adopt the file (O_TMPFILE, open(2)). Without it, or where
            that is not possible, the file is in `TMPDIR`.
        hashed: compute the SHA-256 while writing.

    Raises:
        StorageFull: the file cannot be made.
    """
    if folder is not None and hasattr(os, "O_TMPFILE"):
        with suppress(OSError):
            flags = os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC
            return Spool(os.open(folder, flags, _MODE), hashed=hashed, kept=True)
    try:
        with tempfile.TemporaryFile(buffering=0) as file:
            return Spool(os.dup(file.fileno()), hashed=hashed)
    except OSError as error:
        raise _full() from error


def _full() -> StorageFull:
    return StorageFull("There is no space left to receive the file.", headers={"Retry-After": "60"})
