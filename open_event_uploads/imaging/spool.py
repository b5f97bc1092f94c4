"""Nameless files for bytes that are too long for memory; they disappear with the process."""

import hashlib
import io
import os
import tempfile
from contextlib import suppress

from open_event_uploads.errors import StorageFull

# Only a process that may read the file may give it a name.
_MODE = 0o600


class Spool(io.FileIO):
    """A nameless file, open for reading and writing.

    `hashed` computes the SHA-256 while writing, which saves reading the file again.
    """

    def __init__(self, descriptor: int, *, hashed: bool = False) -> None:
        super().__init__(descriptor, "r+")
        self.digest = hashlib.sha256() if hashed else None


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
            return Spool(os.open(folder, flags, _MODE), hashed=hashed)
    try:
        with tempfile.TemporaryFile(buffering=0) as file:
            return Spool(os.dup(file.fileno()), hashed=hashed)
    except OSError as error:
        raise _full() from error


def write_to(spool: Spool, content: bytes | bytearray) -> None:
    """Append bytes to a spool; raise `StorageFull` if there is no space."""
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[spool.write(rest) :]
    except OSError as error:
        raise _full() from error
    if spool.digest is not None:
        spool.digest.update(content)


def _full() -> StorageFull:
    return StorageFull("There is no space left to receive the file.", headers={"Retry-After": "60"})
