"""Locks between the processes of one machine, so that shared work is done by one of them."""

import fcntl
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol, runtime_checkable

from open_event_uploads.blocking import BLOCKING

# Keys that share a file wait for each other, which does no harm.
_FILES = 64
# A holder that takes longer may be stuck for good; work done twice gives the same bytes.
_TIMEOUT_SECONDS = 30.0
_POLL_SECONDS = 0.005


@runtime_checkable
class KeyLocker(Protocol):
    """A storage that several processes of one machine share."""

    def lock(self, key: str) -> AbstractContextManager[None]:
        """Hold the lock of a key; go on without it after half a minute of waiting."""


def lock_key(storage: object, key: str) -> AbstractContextManager[None]:
    """Hold the lock of a key where the storage has locks; otherwise do nothing."""
    return storage.lock(key) if isinstance(storage, KeyLocker) else nullcontext()


class FileLocks:
    """Locks on files in one folder, which the kernel releases when the holder dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Wait for the lock of a key and hold it."""
        descriptor = self._open(key)
        try:
            if descriptor is not None:
                wait_for_lock(descriptor)
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
            return None  # for example a full disk, which the work itself will report


def wait_for_lock(descriptor: int) -> bool:
    """Wait for the lock of an open file and take it.

    Returns:
        False if another holder has not released it in half a minute, or the file system has no
        locks.
    """
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with BLOCKING:
                time.sleep(_POLL_SECONDS)
        except OSError:
            return False
        else:
            return True
    return False
