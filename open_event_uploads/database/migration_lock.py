"""The lock that one process holds while it migrates a database; others wait for it."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

from open_event_uploads.database.write_lock import busy, lock_of

log = logging.getLogger(__name__)

# An index of a big table takes minutes; whoever waits longer has probably been forgotten.
_WAIT_SECONDS = 3600.0

_PAUSE_SECONDS = 0.2

# A number of our own: advisory locks of other programs in the same database are other numbers.
_KEY = int.from_bytes(b"uploads!")
_TRY = text("SELECT pg_try_advisory_lock(:key)").bindparams(key=_KEY)


@contextmanager
def migration_lock(engine: Engine) -> Iterator[None]:
    """Hold the lock of a database: its write lock on SQLite, an advisory lock on PostgreSQL.

    Raises:
        DatabaseUnavailable: it was not free in an hour.
    """
    lock = lock_of(engine)
    with lock.held(_WAIT_SECONDS) if lock else _advisory_lock(engine):
        yield


@contextmanager
def _advisory_lock(engine: Engine) -> Iterator[None]:
    """Hold an advisory lock of a session (PostgreSQL, 13.3.5), which ends with its connection.

    An index that is made concurrently waits for every open transaction, so that no connection may
    have one while it holds the lock or waits for it: `pg_advisory_lock` would, and both would wait
    for each other.
    """
    deadline = time.monotonic() + _WAIT_SECONDS
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # It is closed at the end, and not kept for the next user of the pool.
        connection.detach()
        is_waiting = False
        while not connection.scalar(_TRY):
            if time.monotonic() > deadline:
                raise busy()
            if not is_waiting:
                log.warning("another process migrates the database; waiting for its end")
            is_waiting = True
            time.sleep(_PAUSE_SECONDS)
        yield
