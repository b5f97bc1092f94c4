"""One transaction of SQLite's driver, in which several threads' writes are made.

Each is in a savepoint, so that one that fails costs the others nothing.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from sqlite3 import Connection as SqliteConnection
from sqlite3 import Error as SqliteError
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Dialect

from open_event_uploads.database.statement import Execute, Rows, Statement, Values, as_of_sqlalchemy
from open_event_uploads.database.transaction import outcome_may_be_unknown
from open_event_uploads.fault_points import reach
from open_event_uploads.metrics import DATABASE

T = TypeVar("T")
Write = Callable[[Execute], T]


@dataclass(slots=True, eq=False)
class Job(Generic[T]):
    """What one thread wants to write.

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
        if self.error is None:
            return cast("T", self.result)
        # What is raised knows the frames that it came through, and they know of this job: all that
        # they hold would stay until the garbage is collected.
        error, self.error = self.error, None
        try:
            raise error
        finally:
            del error


def transact(jobs: list[Job[Any]], connection: SqliteConnection, dialect: Dialect) -> None:
    """Write what they want and commit it, together.

    Args:
        jobs: those that end here are over; the others are not committed.
        connection: of the driver, in no transaction.
        dialect: of SQLAlchemy, for this driver.

    Raises:
        CommitOutcomeUnknown: COMMIT itself failed, and may have taken effect nevertheless.
        BaseException: as what was written by one alone, or cost the whole transaction.
    """
    run = partial(_run, connection, dialect)
    run("BEGIN IMMEDIATE")
    with _rolled_back_on_failure(connection):
        for job in jobs:
            _write(job, connection, dialect, alone=len(jobs) == 1)
        reach("commit.begin")
        with outcome_may_be_unknown():
            connection.execute("COMMIT")
    for job in jobs:
        job.is_over = True
    reach("commit.done")


def _write(job: Job[Any], connection: SqliteConnection, dialect: Dialect, *, alone: bool) -> None:
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
        with suppress(SqliteError):
            connection.rollback()
        raise
