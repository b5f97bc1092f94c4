"""Receive a file that arrives in parts: in memory, or on disk if it is long."""

import os
from collections.abc import Sequence

from open_event_uploads.imaging.spool import Spool, open_spool

# A longer file is kept on disk.
_IN_MEMORY_BYTES = 1024 * 1024


class ArrivingFile:
    """A file that arrives in parts, kept in memory or in a spool.

    Args:
        folder: as of `open_spool`.
    """

    def __init__(self, folder: os.PathLike[str] | None = None) -> None:
        self._folder = folder
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._spool: Spool | None = None

    def append(self, parts: Sequence[bytes]) -> None:
        """`Receiver.append`."""
        # A list of parts of a few bytes takes many times as many.
        self._held.append(parts[0] if len(parts) == 1 else b"".join(parts))
        self._held_bytes += len(self._held[-1])
        if self._held_bytes > _IN_MEMORY_BYTES:
            self._write()

    def content(self) -> bytes | Spool:
        """Return the whole content; the caller closes it."""
        if self._spool is None:
            return b"".join(self._held)
        self._write()
        return self._spool

    def close(self) -> None:
        """`Receiver.close`."""
        if self._spool is not None:
            self._spool.close()

    def _write(self) -> None:
        if self._spool is None:
            self._spool = open_spool(self._folder, hashed=True)
        self._spool.append(self._held)
        self._held, self._held_bytes = [], 0
