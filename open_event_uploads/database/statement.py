"""Statements, and the function that runs them in a transaction."""

import time
from collections.abc import Callable, Mapping, Sequence
from sqlite3 import Connection as SqliteConnection
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Dialect, Executable

from open_event_uploads.database.compiled_statement import CompiledStatement, Rows, Values
from open_event_uploads.metrics import DATABASE

T = TypeVar("T")

NO_VALUES: Values = {}


class Statement:
    """A statement that runs again and again with other values.

    Args:
        clause: of SQLAlchemy; what changes in it is a `bindparam` with a name.
        others: clauses that replace it in another dialect, by the dialect's name.
    """

    def __init__(self, clause: Executable, **others: Executable) -> None:
        self._clause: Any = clause
        self._others: Mapping[str, Any] = others
        self._kind = _kind_of(clause)
        self._compiled: CompiledStatement | None = None

    def on(self, connection: Connection, values: Values | Sequence[Values]) -> Rows:
        """Run the statement through SQLAlchemy, and return its rows, if it has any.

        Raises:
            DBAPIError: the database refuses it.
        """
        clause = self._others.get(connection.dialect.name, self._clause)
        if not isinstance(values, Mapping):
            if values:
                connection.execute(clause, [dict(each) for each in values])
            return ()
        result: Any = connection.execute(clause, dict(values))
        return result.all() if result.returns_rows else ()

    def on_driver(
        self, connection: SqliteConnection, dialect: Dialect, values: Values | Sequence[Values]
    ) -> Rows:
        """Run the statement on a driver's connection, and return its rows, if it has any.

        Raises:
            DBAPIError: the database refuses it; the same class that SQLAlchemy would raise.
        """
        if self._compiled is None:
            self._compiled = CompiledStatement(
                self._others.get(dialect.name, self._clause), dialect
            )
        started = time.perf_counter()
        rows: Rows = ()
        for each in (values,) if isinstance(values, Mapping) else values:
            rows = self._compiled.run(connection, dialect, each)
        DATABASE.labels(self._kind).observe(time.perf_counter() - started)
        return rows if isinstance(values, Mapping) else ()


class Execute(Protocol):
    """Run one statement in the transaction of a write, and return its rows."""

    def __call__(
        self, statement: Statement | Executable, values: Values | Sequence[Values] = NO_VALUES
    ) -> Rows:
        """Run a statement.

        Args:
            statement: one that is compiled once, or any clause of SQLAlchemy, which is compiled
                each time.
            values: of its named parameters; a sequence of them runs it for each, and
                returns no rows.

        Raises:
            DBAPIError: the database refuses it.
        """


# What changes the database in one transaction.
Step = Callable[[Execute], T]


def as_statement(statement: Statement | Executable) -> Statement:
    """Return a clause as a statement."""
    return statement if isinstance(statement, Statement) else Statement(statement)


def _kind_of(clause: Executable) -> str:
    for kind in ("select", "insert", "update", "delete"):
        if getattr(clause, f"is_{kind}", False):
            return kind
    return "other"
