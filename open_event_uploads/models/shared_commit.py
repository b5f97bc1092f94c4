"""Writes that need no session, in transactions that several threads share.

A commit to SQLite flushes a file, and only one can be under way: those that wait for their turn are
written by whoever gets it, and become durable with one flush. Each is told what became of its own,
and none before all of them are committed. PostgreSQL does the same by itself (`commit_delay`), so
there each write has a transaction of its own.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from sqlite3 import Connection as SqliteConnection
from typing import Any, Generic, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.exc import SQLAlchemyError

from open_event_uploads.errors import CommitOutcomeUnknown, ReadOnly
from open_event_uploads.fault_points import reach
from open_event_uploads.metrics import DATABASE
from open_event_uploads.models.sqlite import READ_ONLY
from open_event_uploads.models.statement import Execute, Rows, Statement, Values, as_of_sqlalchemy
from open_event_uploads.models.write_lock import WAIT_SECONDS, WriteLock, busy, lock_of

log = logging.getLogger(__name__)

T = TypeVar("T")
Write = Callable[[Execute], T]

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
    if engine.get_execution_options().get(READ_ONLY):
        raise ReadOnly
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
        with _outcome_may_be_unknown():
            transaction.commit()
    reach("commit.done")
    return outcome


def _execute(connection: Connection, statement: Statement, values: Values) -> Rows:
    return statement.on(connection, values)


@contextmanager
def _outcome_may_be_unknown() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise CommitOutcomeUnknown(
            "The database did not confirm the change.", headers={"Retry-After": "5"}
        ) from error


@dataclass(slots=True)
class _Job(Generic[T]):
    """One thread's write.

    Args:
        write: does it.
        is_over: whether it has been written, or never will be.
        result: what it returned.
        error: what it raised, or what became of the transaction.
    """

    write: Write[T]
    is_over: bool = False
    result: T | None = None
    error: BaseException | None = None

    def outcome(self) -> T:
        """What it returned.

        Raises:
            BaseException: what it raised.
        """
        if self.error is not None:
            raise self.error
        return cast("T", self.result)


class _Group:
    """The writes of one process to one database of SQLite.

    Args:
        lock: of its file.
    """

    def __init__(self, lock: WriteLock) -> None:
        self._lock = lock
        self._waiting: deque[_Job[Any]] = deque()

    def commit(self, engine: Engine, write: Write[T]) -> T:
        """`commit_write`."""
        job = _Job(write)
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

    def _leave(self, job: _Job[Any]) -> None:
        """Wait no longer; but once somebody has begun, what becomes of it is to be known.

        Raises:
            DatabaseUnavailable: nobody has.
        """
        try:
            self._waiting.remove(job)
        except ValueError:
            self._lock.threads.acquire()
        else:
            raise busy()

    def _taken(self) -> list[_Job[Any]]:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))]

    def _commit_all(self, engine: Engine, jobs: list[_Job[Any]]) -> None:
        """Write what they want and commit it; then each of them is over."""
        deadline = time.monotonic() + WAIT_SECONDS
        try:
            with (
                self._lock.held_by_process(deadline),
                closing(engine.raw_connection()) as connection,
            ):
                _transact(jobs, cast("Any", connection.driver_connection), engine.dialect)
        except BaseException as error:  # noqa: BLE001 - those who wait for it are told
            _end(jobs, error)


def _end(jobs: list[_Job[Any]], error: BaseException) -> None:
    """Tell those of a failure whose writes are not committed; the others' are, whatever failed."""
    waiting = [job for job in jobs if not job.is_over]
    if not waiting:
        log.error("a commit was followed by %r", error)
    for job in waiting:
        job.error = job.error or error
        job.is_over = True


def _transact(jobs: list[_Job[Any]], connection: SqliteConnection, dialect: Dialect) -> None:
    run = partial(_run, connection, dialect)
    run("BEGIN IMMEDIATE")
    try:
        for job in jobs:
            _write(job, connection, dialect, alone=len(jobs) == 1)
        reach("commit.begin")
    except BaseException:
        connection.rollback()
        raise
    with _outcome_may_be_unknown(), _rolled_back_on_failure(connection):
        run("COMMIT")
    for job in jobs:
        job.is_over = True
    reach("commit.done")


def _write(job: _Job[Any], connection: SqliteConnection, dialect: Dialect, *, alone: bool) -> None:
    """Write what one wants; where it fails, the others lose nothing.

    Raises:
        BaseException: as it did, if the whole transaction is lost with it.
    """
    execute = partial(_execute_on_driver, connection, dialect)
    if alone:
        job.result = job.write(execute)
        return
    run = partial(_run, connection, dialect)
    run("SAVEPOINT one")
    try:
        job.result = job.write(execute)
    except BaseException as error:
        job.error = error
        # Where the disk is full, for one, SQLite itself gives everything up.
        if not connection.in_transaction:
            raise
        run("ROLLBACK TO one")
    run("RELEASE one")


def _execute_on_driver(
    connection: SqliteConnection, dialect: Dialect, statement: Statement, values: Values
) -> Rows:
    return statement.on_driver(connection, dialect, values)


def _run(connection: SqliteConnection, dialect: Dialect, sql: str) -> None:
    started = time.perf_counter()
    with as_of_sqlalchemy(sql, [], dialect):
        connection.execute(sql)
    DATABASE.labels("other").observe(time.perf_counter() - started)


@contextmanager
def _rolled_back_on_failure(connection: SqliteConnection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.rollback()
        raise


_GROUPS: WeakKeyDictionary[Engine, _Group] = WeakKeyDictionary()
