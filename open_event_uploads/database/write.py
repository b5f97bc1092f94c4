"""Writes that need no session, in transactions that several threads share.

A commit to SQLite flushes a file, and only one can be under way: those that wait for their turn are
written by whoever gets it, and become durable with one flush. Each is told what became of its own,
and none before all of them are committed. PostgreSQL flushes once for those that commit at the same
moment by itself, so there each write has a transaction of its own.
"""

import logging
import time
from collections import deque
from contextlib import closing
from functools import partial
from threading import Lock
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, PoolProxiedConnection

from open_event_uploads.database.driver_transaction import Job, Write, transact
from open_event_uploads.database.statement import Rows, Statement, Values, as_of_sqlalchemy
from open_event_uploads.database.transaction import outcome_may_be_unknown, refuse_if_read_only
from open_event_uploads.database.write_lock import WAIT_SECONDS, WriteLock, busy, lock_of
from open_event_uploads.fault_points import reach

log = logging.getLogger(__name__)

T = TypeVar("T")

# So many become durable together at the most: a turn must end.
_MOST = 32


def commit_write(engine: Engine, write: Write[T]) -> T:
    """Write something, durably.

    Args:
        engine: of the database.
        write: is given what runs statements, in whichever thread has the turn; so it may use
            nothing that belongs to a thread.

    Returns:
        What `write` returns, once that is committed.

    Raises:
        ReadOnly: the engine only reads.
        DatabaseUnavailable: the turn to write did not come in time.
        CommitOutcomeUnknown: COMMIT itself failed, and may have taken effect nevertheless.
        As `write`: nothing of it is written then.
    """
    refuse_if_read_only(engine)
    lock = lock_of(engine)
    if lock is None:
        return _commit_alone(engine, write)
    return _GROUPS.setdefault(engine, _Group(lock)).commit(engine, write)


def _commit_alone(engine: Engine, write: Write[T]) -> T:
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            outcome = write(partial(_execute, connection))
            reach("commit.begin")
        except BaseException:
            transaction.rollback()
            raise
        with outcome_may_be_unknown():
            transaction.commit()
    reach("commit.done")
    return outcome


def _execute(connection: Connection, statement: Statement, values: Values) -> Rows:
    return statement.on(connection, values)


class _Group:
    """The writes of one process to one database of SQLite.

    Args:
        lock: of its file.
    """

    def __init__(self, lock: WriteLock) -> None:
        self._lock = lock
        self._table = Lock()
        self._waiting: deque[Job[Any]] = deque()

    def commit(self, engine: Engine, write: Write[T]) -> T:
        """`commit_write`."""
        job = Job(write)
        with self._table:
            self._waiting.append(job)
        if not self._lock.threads.acquire(timeout=WAIT_SECONDS):
            self._leave(job)
        try:
            # Somebody who had the turn may have done it meanwhile.
            while not job.is_over:
                self._commit_all(engine, self._taken())
        finally:
            self._lock.threads.release()
        return job.outcome()

    def _leave(self, job: Job[Any]) -> None:
        """Wait no longer; but once somebody has begun, what becomes of it is to be known.

        Raises:
            DatabaseUnavailable: nobody has.
        """
        with self._table:
            waits = job in self._waiting
            if waits:
                self._waiting.remove(job)
        if waits:
            raise busy()
        self._lock.threads.acquire()

    def _taken(self) -> list[Job[Any]]:
        with self._table:
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))]

    def _commit_all(self, engine: Engine, jobs: list[Job[Any]]) -> None:
        """Write what they want and commit it; then each of them is over."""
        deadline = time.monotonic() + WAIT_SECONDS
        try:
            with (
                self._lock.held_by_process(deadline),
                closing(_connected(engine)) as connection,
            ):
                transact(jobs, cast("Any", connection.driver_connection), engine.dialect)
        except BaseException as error:  # noqa: BLE001 - those who wait for it are told
            _end(jobs, error)


def _connected(engine: Engine) -> PoolProxiedConnection:
    with as_of_sqlalchemy("", [], engine.dialect):
        return engine.raw_connection()


def _end(jobs: list[Job[Any]], error: BaseException) -> None:
    """Tell those of a failure whose writes are not committed; the others' are, whatever failed."""
    waiting = [job for job in jobs if not job.is_over]
    if not waiting:
        log.error("a commit was followed by %r", error)
    for job in waiting:
        job.error = job.error or error
        job.is_over = True


_GROUPS: WeakKeyDictionary[Engine, _Group] = WeakKeyDictionary()
