"""What SQLite needs to be a durable database for several threads and processes.

Each figure is from DESIGN's measurements of commits by several processes at once.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from open_event_uploads.errors import DatabaseUnavailable

# How long a writer waits for its turn before it gives up.
BUSY_TIMEOUT_SECONDS = 10.0

_PRAGMAS = {
    "journal_mode": "WAL",  # readers do not wait for the writer
    "synchronous": "FULL",  # a commit survives a power cut; WAL's default may lose the last ones
    "foreign_keys": "ON",
    "busy_timeout": int(BUSY_TIMEOUT_SECONDS * 1000),
}

# The execution option of a connection whose transaction is going to write.
WRITES = "uploads_writes"

# The execution option of an engine that only reads, whichever the database.
READ_ONLY = "uploads_read_only"


def configure_sqlite(engine: Engine, *, read_only: bool = False) -> None:
    """Make every connection of this engine durable, and its write transactions immediate.

    Args:
        engine: before its first connection.
        read_only: have the database refuse whatever would write.
    """
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    database = engine.url.database
    if database and database != ":memory:":
        _LOCKS[engine] = WriteLock(f"{database}-write-lock")
    if read_only:
        event.listen(engine, "connect", _only_read)


def _only_read(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA query_only=ON")


def _on_connect(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN comes too late and cannot be IMMEDIATE (SQLAlchemy, "Serializable
    # isolation / Savepoints / Transactional DDL").
    connection.isolation_level = None
    for name, value in _PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")


def _on_begin(connection: Connection) -> None:
    # Reading first and writing later in one deferred transaction fails at once when another
    # writer came between (SQLITE_BUSY_SNAPSHOT), whatever the busy timeout.
    options = connection.get_execution_options()
    writes = options.get(WRITES, False) and not options.get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class WriteLock:
    """A turn to write, for the threads of this process and for other processes.

    SQLite's own waiting is polling with growing pauses: at 8 writers its 99th percentile was 240
    to 340 ms. Here one thread a process waits for the file, with a short even pause.

    Args:
        path: a file beside the database; its content does not matter.
    """

    _PAUSE_SECONDS = 0.0005

    def __init__(self, path: str) -> None:
        self._path = path
        self._threads = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock.

        Raises:
            DatabaseUnavailable: it was not free within `BUSY_TIMEOUT_SECONDS`.
        """
        deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
        if not self._threads.acquire(timeout=BUSY_TIMEOUT_SECONDS):
            raise _busy()
        try:
            # Opened anew each time: a descriptor kept across fork would share its lock.
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            try:
                self._wait(descriptor, deadline)
                yield
            finally:
                os.close(descriptor)
        finally:
            self._threads.release()

    def _wait(self, descriptor: int, deadline: float) -> None:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise _busy() from None
                time.sleep(self._PAUSE_SECONDS)
            else:
                return


def _busy() -> DatabaseUnavailable:
    return DatabaseUnavailable(
        "The database is busy; try again in a moment.", headers={"Retry-After": "1"}
    )


_LOCKS: WeakKeyDictionary[Engine, WriteLock] = WeakKeyDictionary()


@contextmanager
def turn_to_write(engine: Engine) -> Iterator[None]:
    """Wait for this database's turn to write; a database other than SQLite needs none.

    Raises:
        DatabaseUnavailable: the turn did not come in time.
    """
    lock = _LOCKS.get(engine)
    if lock is None:
        yield
    else:
        with lock.held():
            yield
