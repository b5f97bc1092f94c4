"""Files without a name, for what is too long for memory: gone with the process."""

import hashlib
import io
import os
import tempfile
from contextlib import suppress

from open_event_uploads.errors import StorageFull

# Only the one who may read it may give it a name.
_MODE = 0o600


class Spool(io.FileIO):
    """One, open for reading and writing.

    Args:
        descriptor: of the file, which this object takes over.
        hashed: whether what is written is hashed at once, which saves reading it again.
    """

    def __init__(self, descriptor: int, *, hashed: bool = False) -> None:
        super().__init__(descriptor, "r+")
        self.digest = hashlib.sha256() if hashed else None


def open_spool(folder: os.PathLike[str] | None = None, *, hashed: bool = False) -> Spool:
    """An empty one; whoever has it closes it.

    Args:
        folder: where a storage can give it a name (O_TMPFILE, open(2)); otherwise, and where that
            cannot be, it lies in `TMPDIR`.
        hashed: whether what is written is hashed.

    Raises:
        StorageFull: it cannot be made.
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
    """Add something to its end.

    Raises:
        StorageFull: it finds no room.
    """
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[spool.write(rest) :]
    except OSError as error:
        raise _full() from error
    if spool.digest is not None:
        spool.digest.update(content)


def _full() -> StorageFull:
    return StorageFull(
        "There is no room for the file while it comes in.", headers={"Retry-After": "60"}
    )
