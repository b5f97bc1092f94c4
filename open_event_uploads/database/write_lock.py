"""A turn to write to a SQLite database, for the threads of this process and for other processes.

SQLite's own waiting is polling with growing pauses: at 8 writers its 99th percentile was 240 to
340 ms. Here one thread a process waits for a file, with a short even pause.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from open_event_uploads.errors import DatabaseUnavailable

# How long a writer waits for its turn before it gives up.
WAIT_SECONDS = 10.0

_PAUSE_SECONDS = 0.0005


class WriteLock:
    """One turn at a time.

    Args:
        path: a file beside the database; its content does not matter.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self.threads = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock.

        Raises:
            DatabaseUnavailable: it was not free within `WAIT_SECONDS`.
        """
        deadline = time.monotonic() + WAIT_SECONDS
        if not self.threads.acquire(timeout=WAIT_SECONDS):
            raise busy()
        try:
            with self.held_by_process(deadline):
                yield
        finally:
            self.threads.release()

    @contextmanager
    def held_by_process(self, deadline: float) -> Iterator[None]:
        """Hold it among the processes; among the threads of this one it is held already.

        Args:
            deadline: of `time.monotonic`.

        Raises:
            DatabaseUnavailable: it was not free by then.
        """
        # Opened anew each time: a descriptor kept across fork would share its lock.
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            _wait(descriptor, deadline)
            yield
        finally:
            os.close(descriptor)


def _wait(descriptor: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise busy() from None
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def busy() -> DatabaseUnavailable:
    """What is said when the turn did not come."""
    return DatabaseUnavailable(
        "The database is busy; try again in a moment.", headers={"Retry-After": "1"}
    )


_LOCKS: WeakKeyDictionary[Engine, WriteLock] = WeakKeyDictionary()


def add_lock(engine: Engine, path: str) -> None:
    """Have everybody who writes to a database take turns."""
    _LOCKS[engine] = WriteLock(path)


def lock_of(engine: Engine) -> WriteLock | None:
    """The lock of a database, if it has one."""
    return _LOCKS.get(engine)


@contextmanager
def turn_to_write(engine: Engine) -> Iterator[None]:
    """Wait for this database's turn to write; a database other than SQLite needs none.

    Raises:
        DatabaseUnavailable: the turn did not come in time.
    """
    lock = lock_of(engine)
    if lock is None:
        yield
    else:
        with lock.held():
            yield
