"""Change the database: the one way to write, in transactions that several threads share.

A commit to SQLite flushes a file, and only one can run at a time: the thread that gets the write
lock also runs the steps of those that wait, and one flush makes all of them durable. Each thread is
told what became of its own step, and none before all of them are committed. PostgreSQL flushes once
for transactions that commit at the same moment, so there each step has a transaction of its own.
"""

import logging
import time
from collections import deque
from collections.abc import Sequence
from contextvars import ContextVar
from functools import partial
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Executable

from open_event_uploads.blocking import BLOCKING
from open_event_uploads.database.commit import commit
from open_event_uploads.database.compiled_statement import Rows, Values
from open_event_uploads.database.driver_connections import lent_connection
from open_event_uploads.database.sqlite import READ_ONLY
from open_event_uploads.database.sqlite_transaction import Job, run_jobs
from open_event_uploads.database.statement import (
    NO_VALUES,
    Statement,
    Step,
    as_statement,
)
from open_event_uploads.database.write_lock import WAIT_SECONDS, WriteLock, busy, lock_of
from open_event_uploads.errors import ReadOnly
from open_event_uploads.fault_points import reach

log = logging.getLogger(__name__)

T = TypeVar("T")

# The connection of the write whose step runs here, where it is one of SQLAlchemy's.
_CONNECTION: ContextVar[Connection | None] = ContextVar("connection", default=None)

# How many steps one commit makes durable at the most: the write lock must become free.
_MAX_STEPS = 32


def write(engine: Engine, step: Step[T], *, flushed: bool = True) -> T:
    """Run a step in a transaction, and commit it.

    Args:
        engine: of the database.
        step: is called once with a function that runs statements in the transaction, perhaps in
            another thread: in a copy of the context of the caller (`contextvars`), so that
            Flask's `g`, `request` and `current_app` are the caller's. It must not write by other
            means or wait for others: all other writers wait for it.
        flushed: whether it must survive a power cut. What need not is undone by nothing else:
            SQLite writes it to the file, and PostgreSQL, which could end without this process,
            flushes it nevertheless.

    Returns:
        What the step returned, once that is committed.

    Raises:
        ReadOnly: the engine only reads.
        DatabaseUnavailable: the write lock was not free in time; nothing has changed.
        CommitOutcomeUnknown: COMMIT failed, and may have taken effect nevertheless.
        BaseException: raised by the step; nothing has changed.
    """
    refuse_if_read_only(engine)
    lock = lock_of(engine)
    if lock is None:
        return _write_in_own_transaction(engine, step)
    # All of it: a mark at each wait, for the locks and for the disk, costs more than it gives.
    with BLOCKING:
        return _GROUPS.setdefault(engine, _Group(lock)).write(engine, step, flushed=flushed)


def connection_of_write() -> Connection | None:
    """Return the connection of the write whose step runs here; None on SQLite, or outside."""
    return _CONNECTION.get()


def refuse_if_read_only(engine: Engine) -> None:
    """Raise `ReadOnly` for an engine that only reads."""
    if engine.get_execution_options().get(READ_ONLY):
        raise ReadOnly


def _write_in_own_transaction(engine: Engine, step: Step[T]) -> T:
    with engine.connect() as connection:
        transaction, token = connection.begin(), _CONNECTION.set(connection)
        try:
            outcome = step(partial(_execute, connection))
            commit(transaction.commit)
        except BaseException:
            transaction.close()
            raise
        finally:
            _CONNECTION.reset(token)
    reach("commit.done")
    return outcome


def _execute(
    connection: Connection,
    statement: Statement | Executable,
    values: Values | Sequence[Values] = NO_VALUES,
) -> Rows:
    return as_statement(statement).on(connection, values)


class _Group:
    """The steps of one process that wait to be written to one SQLite database.

    Args:
        lock: of the database.
    """

    def __init__(self, lock: WriteLock) -> None:
        self._lock = lock
        self._mutex = Lock()
        self._waiting: deque[Job[Any]] = deque()

    def write(self, engine: Engine, step: Step[T], *, flushed: bool) -> T:
        """Run a step, or wait for the thread that does."""
        job = Job(step, flushed)
        with self._mutex:
            self._waiting.append(job)
        if not self._lock.threads.acquire(timeout=WAIT_SECONDS):
            self._give_up(job)
        try:
            # The thread that had the lock before may have run it meanwhile.
            while not job.is_over:
                self._run(engine, self._next())
        finally:
            self._lock.threads.release()
        return job.outcome()

    def _give_up(self, job: Job[Any]) -> None:
        """Stop waiting, unless the step has been taken: then wait for its outcome.

        Raises:
            DatabaseUnavailable: the step has not been taken, and never will be.
        """
        with self._mutex:
            waits = job in self._waiting
            if waits:
                self._waiting.remove(job)
        if waits:
            raise busy()
        self._lock.threads.acquire()

    def _next(self) -> list[Job[Any]]:
        with self._mutex:
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), _MAX_STEPS))]

    def _run(self, engine: Engine, jobs: list[Job[Any]]) -> None:
        """Run jobs in one transaction; then each of them is over."""
        deadline = time.monotonic() + WAIT_SECONDS
        try:
            with self._lock.held_by_process(deadline), lent_connection(engine) as connection:
                run_jobs(jobs, connection, engine.dialect)
        except BaseException as error:  # noqa: BLE001 - raised where each job's outcome is asked for
            _end(jobs, error)


def _end(jobs: list[Job[Any]], error: BaseException) -> None:
    """Give the error to the jobs that are not committed."""
    waiting = [job for job in jobs if not job.is_over]
    if not waiting:
        log.error("an error after a commit, which stays committed: %r", error)
    for job in waiting:
        job.error = job.error or error
        job.is_over = True


_GROUPS: WeakKeyDictionary[Engine, _Group] = WeakKeyDictionary()
