"""Files without a name, for what is too long for memory: gone with the process."""

import io
import tempfile

from open_event_uploads.errors import StorageFull


def open_spool() -> io.FileIO:
    """An empty one, in `TMPDIR`; whoever has it closes it.

    Raises:
        StorageFull: it cannot be made.
    """
    try:
        return tempfile.TemporaryFile(buffering=0)
    except OSError as error:
        raise _full() from error


def write_to(spool: io.FileIO, content: bytes | bytearray) -> None:
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


def _full() -> StorageFull:
    return StorageFull(
        "There is no room for the file while it comes in.", headers={"Retry-After": "60"}
    )
