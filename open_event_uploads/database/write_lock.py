"""The write lock of a SQLite database: one thread of all processes writes at a time.

SQLite polls for its own lock with growing pauses: with 8 writers the 99th percentile was 240 to
340 ms. Here a process waits in the kernel for the lock of a file (`lock_file.py`).
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from open_event_uploads.database.lock_file import LockFile
from open_event_uploads.errors import DatabaseUnavailable

# How long a writer waits for the lock before it gives up.
WAIT_SECONDS = 10.0


class WriteLock:
    """The lock of one database.

    Args:
        path: of a file beside the database; its content does not matter.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: LockFile | None = None
        self.threads = threading.Lock()

    def __del__(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    @contextmanager
    def held(self, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
        """Hold the lock.

        Raises:
            DatabaseUnavailable: the lock was not free within this time.
        """
        deadline = time.monotonic() + wait_seconds
        if not self.threads.acquire(timeout=wait_seconds):
            raise busy()
        try:
            with self.held_by_process(deadline):
                yield
        finally:
            self.threads.release()

    @contextmanager
    def held_by_process(self, deadline: float) -> Iterator[None]:
        """Hold the lock among processes, while this thread holds `threads`.

        Args:
            deadline: of `time.monotonic`.

        Raises:
            DatabaseUnavailable: the lock was not free by then.
        """
        file = self._open_file()
        if not file.acquire(deadline):
            raise busy()
        try:
            yield
        finally:
            file.release()

    def _open_file(self) -> LockFile:
        """Open the file once a process: a descriptor from before a fork shares its lock."""
        if self._file is None or self._file.process_id != os.getpid():
            self._file = LockFile(self._path)
        return self._file


def busy() -> DatabaseUnavailable:
    """Return the error of a writer that did not get the lock in time."""
    return DatabaseUnavailable(
        "The database is busy; try again in a moment.", headers={"Retry-After": "1"}
    )


_LOCKS: WeakKeyDictionary[Engine, WriteLock] = WeakKeyDictionary()


def add_lock(engine: Engine, path: str) -> None:
    """Give a database a write lock."""
    _LOCKS[engine] = WriteLock(path)


def lock_of(engine: Engine) -> WriteLock | None:
    """Return the write lock of a database; None for one that needs none."""
    return _LOCKS.get(engine)
