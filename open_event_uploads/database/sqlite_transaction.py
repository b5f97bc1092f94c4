"""Run the steps of several threads in one transaction of SQLite.

Each step is in a savepoint, so that one that fails undoes nothing of the others.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from functools import partial
from sqlite3 import Connection as SqliteConnection
from sqlite3 import Error as SqliteError
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Dialect, Executable

from open_event_uploads.database.commit import commit
from open_event_uploads.database.compiled_statement import Rows, Values
from open_event_uploads.database.driver_errors import sqlalchemy_errors
from open_event_uploads.database.sqlite import set_flushing
from open_event_uploads.database.statement import (
    NO_VALUES,
    Execute,
    Statement,
    Step,
    as_statement,
)
from open_event_uploads.fault_points import reach
from open_event_uploads.metrics import DATABASE

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Job(Generic[T]):
    """The step of one thread, and what became of it.

    Args:
        step: what to run.
        flushed: whether it must survive a power cut.
        context: in which to run it, whichever thread does: that of the caller's thread.
        is_over: True once the step is committed, or never will be.
        result: what the step returned.
        error: what the step raised, or what became of the transaction.
    """

    step: Step[T]
    flushed: bool = True
    context: Context = field(default_factory=copy_context)
    is_over: bool = False
    result: T | None = None
    error: BaseException | None = None

    def run(self, execute: Execute) -> None:
        """Run the step in its context, and keep the result."""
        self.result = self.context.run(self.step, execute)

    def outcome(self) -> T:
        """Return what the step returned, or raise what it raised."""
        if self.error is None:
            return cast("T", self.result)
        # A traceback refers to the frames that it passed, and they refer to this job: everything
        # that they hold would stay until the garbage is collected.
        error, self.error = self.error, None
        try:
            raise error
        finally:
            del error


def run_jobs(jobs: list[Job[Any]], connection: SqliteConnection, dialect: Dialect) -> None:
    """Run all steps and commit them together.

    Args:
        jobs: those that end here are over; the others are not committed.
        connection: of the driver, in no transaction.
        dialect: of SQLAlchemy, for this driver.

    Raises:
        CommitOutcomeUnknown: COMMIT failed, and may have taken effect nevertheless.
        BaseException: raised by the only step, or by one that cost the whole transaction.
    """
    flushed = any(job.flushed for job in jobs)
    if not flushed:
        set_flushing(connection, flushes=False)
    _run("BEGIN IMMEDIATE", connection, dialect)
    try:
        for job in jobs:
            _run_job(job, connection, dialect, alone=len(jobs) == 1)
        commit(lambda: connection.execute("COMMIT"))
    except BaseException:
        with suppress(SqliteError):
            connection.rollback()
        raise
    for job in jobs:
        job.is_over = True
    if not flushed:
        set_flushing(connection, flushes=True)
    reach("commit.done")


def _run_job(job: Job[Any], connection: SqliteConnection, dialect: Dialect, *, alone: bool) -> None:
    execute = partial(_execute, connection, dialect)
    if alone:
        job.run(execute)
        return
    _run("SAVEPOINT step", connection, dialect)
    try:
        job.run(execute)
    except BaseException as error:
        job.error = error
        # Some errors, a full disk for one, make SQLite roll back the whole transaction.
        if not connection.in_transaction:
            raise
        _run("ROLLBACK TO step", connection, dialect)
    _run("RELEASE step", connection, dialect)


def _execute(
    connection: SqliteConnection,
    dialect: Dialect,
    statement: Statement | Executable,
    values: Values | Sequence[Values] = NO_VALUES,
) -> Rows:
    return as_statement(statement).on_driver(connection, dialect, values)


def _run(sql: str, connection: SqliteConnection, dialect: Dialect) -> None:
    started = time.perf_counter()
    with sqlalchemy_errors(sql, dialect):
        connection.execute(sql)
    DATABASE.labels("other").observe(time.perf_counter() - started)
