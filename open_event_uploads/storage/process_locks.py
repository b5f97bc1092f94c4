"""LocksKeys among the processes of one machine: what any of them could do is done once."""

import fcntl
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol, runtime_checkable

# Two keys that share a file wait for each other, which does no harm.
_FILES = 64
# Whoever is stuck for longer may be so for ever; what is done twice gives the same bytes.
_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.005


@runtime_checkable
class LocksKeys(Protocol):
    """What a storage can do that several processes of one machine share."""

    def turn(self, key: str) -> AbstractContextManager[None]:
        """Be the only process that holds a key's turn; given up for lost after half a minute."""


def lock_key(storage: object, key: str) -> AbstractContextManager[None]:
    """A key's turn where the storage has turns; at once where it has none."""
    return storage.turn(key) if isinstance(storage, LocksKeys) else nullcontext()


class KeyLocks:
    """LocksKeys by locks on files, which the kernel takes back from a process that dies.

    Args:
        folder: of the files; made when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def held(self, key: str) -> Iterator[None]:
        """Wait for a key's turn, and hold it."""
        descriptor = self._open(key)
        try:
            _wait(descriptor)
            yield
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def _open(self, key: str) -> int | None:
        path = self._folder / f"{zlib.crc32(key.encode()) % _FILES:02x}"
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            return os.open(path, flags, 0o640)
        except OSError:
            return None  # a full disk, say: the work itself will find words for it


def _wait(descriptor: int | None) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while descriptor is not None and time.monotonic() < until:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_SECONDS)
        except OSError:
            return  # a file system without locks
        else:
            return
