"""Statements that are written in SQL once; on SQLite they need none of SQLAlchemy's layers."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection
from sqlite3 import Error as SqliteError
from typing import Any

from sqlalchemy import BindParameter, Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from open_event_uploads.metrics import DATABASE

Values = Mapping[str, Any]
Rows = Sequence[Any]
Execute = Callable[["Statement", Values], Rows]


class Statement:
    """One that is run again and again, with other values.

    Args:
        kind: what the metrics call it: `select`, `insert`, `update`, `delete` or `other`.
        clause: of SQLAlchemy; what changes in it is a `bindparam` with a name.
        others: clauses that stand for it in another dialect, by its name.
    """

    def __init__(self, kind: str, clause: Any, **others: Any) -> None:  # noqa: ANN401 - any clause
        self._kind = kind
        self._clause = clause
        self._others = others
        self._text: _Text | None = None

    def on(self, connection: Connection | Session, values: Values) -> Rows:
        """Run it through SQLAlchemy; returns its rows, if it has any.

        Raises:
            DBAPIError: the database refuses it.
        """
        bind = connection.get_bind() if isinstance(connection, Session) else connection
        clause = self._others.get(bind.dialect.name, self._clause)
        result: Any = connection.execute(clause, dict(values))
        return result.all() if result.returns_rows else ()

    def on_driver(self, connection: SqliteConnection, dialect: Dialect, values: Values) -> Rows:
        """Run it on a connection of the driver's; returns its rows, if it has any.

        Raises:
            DBAPIError: the database refuses it, as SQLAlchemy would say it.
        """
        if self._text is None:
            self._text = _Text(self._others.get(dialect.name, self._clause), dialect)
        started = time.perf_counter()
        rows = self._text.run(connection, dialect, values)
        DATABASE.labels(self._kind).observe(time.perf_counter() - started)
        return rows


def within(session: Session) -> Execute:
    """What runs statements in a session's transaction."""
    return lambda statement, values: statement.on(session, values)


class _Text:
    """A clause in the words of a dialect."""

    def __init__(self, clause: Any, dialect: Dialect) -> None:  # noqa: ANN401 - any clause
        compiled: Any = clause.compile(dialect=dialect)
        self._sql = str(compiled)
        self._bound = [_Bound(compiled.binds[name], dialect) for name in compiled.positiontup]
        columns = getattr(clause, "exported_columns", ())
        self._read = [
            (place, read)
            for place, column in enumerate(columns)
            if (read := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]

    def run(self, connection: SqliteConnection, dialect: Dialect, values: Values) -> Rows:
        bound = [each.value(values) for each in self._bound]
        try:
            # All at once: the driver gives way to other threads at each call.
            rows = connection.execute(self._sql, bound).fetchall()
        except SqliteError as error:
            raise as_sqlalchemy_says(error, dialect, self._sql, bound) from error
        return [self._converted(row) for row in rows] if self._read else rows

    def _converted(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for place, read in self._read:
            if values[place] is not None:
                values[place] = read(values[place])
        return values


class _Bound:
    """One value of a statement, as the driver takes it."""

    def __init__(self, parameter: BindParameter[Any], dialect: Dialect) -> None:
        self._parameter = parameter
        self._write = parameter.type.dialect_impl(dialect).bind_processor(dialect)

    def value(self, values: Values) -> Any:  # noqa: ANN401 - a driver's
        """Of those that were given, or what the parameter itself says."""
        asked = self._parameter
        found = values[asked.key] if asked.required else asked.effective_value
        return found if self._write is None else self._write(found)


@contextmanager
def as_of_sqlalchemy(sql: str, bound: list[Any], dialect: Dialect) -> Iterator[None]:
    """Have the driver's errors come as SQLAlchemy's, which everybody else knows.

    Args:
        sql: what is run.
        bound: its values.
        dialect: of the database.
    """
    try:
        yield
    except SqliteError as error:
        raise as_sqlalchemy_says(error, dialect, sql, bound) from error


def as_sqlalchemy_says(
    error: SqliteError, dialect: Dialect, sql: str | None = None, bound: list[Any] | None = None
) -> Exception:
    """The same error as one of SQLAlchemy's.

    Args:
        error: of the driver.
        dialect: of the database.
        sql: what was run; None where there was no connection to run anything on.
        bound: its values.
    """
    return DBAPIError.instance(
        sql, bound, error, SqliteError, dialect=dialect, connection_invalidated=False
    )
