"""Statements that are compiled once; on SQLite they run without SQLAlchemy's layers."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection
from sqlite3 import Error as SqliteError
from typing import Any, Protocol, TypeVar

from sqlalchemy import BindParameter, Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError

from open_event_uploads.metrics import DATABASE

Values = Mapping[str, Any]
Rows = Sequence[Sequence[Any]]
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
        self._compiled: _Compiled | None = None

    def on(self, connection: Connection, values: Values) -> Rows:
        """Run the statement through SQLAlchemy, and return its rows, if it has any.

        Raises:
            DBAPIError: the database refuses it.
        """
        clause = self._others.get(connection.dialect.name, self._clause)
        result: Any = connection.execute(clause, dict(values))
        return result.all() if result.returns_rows else ()

    def on_driver(self, connection: SqliteConnection, dialect: Dialect, values: Values) -> Rows:
        """Run the statement on a driver's connection, and return its rows, if it has any.

        Raises:
            DBAPIError: the database refuses it; the same class that SQLAlchemy would raise.
        """
        if self._compiled is None:
            self._compiled = _Compiled(self._others.get(dialect.name, self._clause), dialect)
        started = time.perf_counter()
        rows = self._compiled.run(connection, dialect, values)
        DATABASE.labels(self._kind).observe(time.perf_counter() - started)
        return rows


class Execute(Protocol):
    """Run one statement in the transaction of a write, and return its rows."""

    def __call__(self, statement: Statement | Executable, values: Values = NO_VALUES) -> Rows:
        """Run a statement.

        Args:
            statement: one that is compiled once, or any clause of SQLAlchemy, which is compiled
                each time.
            values: of its named parameters.

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


class _Compiled:
    """A clause in the SQL of a dialect."""

    def __init__(self, clause: Any, dialect: Dialect) -> None:  # noqa: ANN401 - any clause
        self._clause: Any = clause.compile(dialect=dialect)
        self._sql = str(self._clause)
        names = self._clause.positiontup or ()
        # Columns that no value is given for, and that Python computes one for.
        changing = {
            each.key: each.onupdate for each in getattr(self._clause, "update_prefetch", ())
        }
        self._parameters = {
            name: _Parameter(self._clause.binds[name], dialect, changing.get(name))
            for name in names
        }
        self._ordered = [self._parameters[name] for name in names]
        # A list of values is written out where the statement runs (`in_`).
        self._has_lists = bool(getattr(self._clause, "post_compile_params", ()))
        columns = getattr(clause, "exported_columns", ())
        self._conversions = [
            (place, convert)
            for place, column in enumerate(columns)
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]

    def run(self, connection: SqliteConnection, dialect: Dialect, values: Values) -> Rows:
        if self._has_lists:
            sql, bound = self._written_out(values)
        else:
            sql, bound = self._sql, [each.bound(values) for each in self._ordered]
        try:
            # All rows at once: the driver releases the interpreter's lock at each call.
            rows = connection.execute(sql, bound).fetchall()
        except SqliteError as error:
            raise as_sqlalchemy_error(error, dialect, sql, bound) from error
        return [self._converted(row) for row in rows] if self._conversions else rows

    def _written_out(self, values: Values) -> tuple[str, list[Any]]:
        given = {name: each.given(values) for name, each in self._parameters.items()}
        expanded = self._clause.construct_expanded_state(given)
        return expanded.statement, [
            self._parameters[name].processed(value)
            if name in self._parameters
            else expanded.processors.get(name, _unchanged)(value)
            for name, value in ((name, expanded.parameters[name]) for name in expanded.positiontup)
        ]

    def _converted(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for place, convert in self._conversions:
            if values[place] is not None:
                values[place] = convert(values[place])
        return values


def _unchanged(value: object) -> object:
    return value


class _Parameter:
    """A parameter of a statement.

    Args:
        parameter: of SQLAlchemy.
        dialect: of the database.
        default: computes the value, if nothing else does.
    """

    def __init__(self, parameter: BindParameter[Any], dialect: Dialect, default: Any) -> None:  # noqa: ANN401 - one of SQLAlchemy's
        self._parameter = parameter
        self._default = default
        self._process = parameter.type.dialect_impl(dialect).bind_processor(dialect)

    def bound(self, values: Values) -> Any:  # noqa: ANN401 - any value
        """Return the value that the driver is given."""
        return self.processed(self.given(values))

    def given(self, values: Values) -> Any:  # noqa: ANN401 - any value
        """Return the parameter's value: of those that were given, or its own."""
        parameter = self._parameter
        if self._default is not None:
            return default_value(self._default)
        return values[parameter.key] if parameter.required else parameter.effective_value

    def processed(self, value: Any) -> Any:  # noqa: ANN401 - any value
        """Return a value in the form of the driver."""
        return value if self._process is None else self._process(value)


def default_value(default: Any) -> Any:  # noqa: ANN401 - one of SQLAlchemy's, any value
    """Compute a default of a column, or what its column changes to (`onupdate`)."""
    # SQLAlchemy wraps functions so that they take its context, which none of ours reads.
    return default.arg(None) if default.is_callable else default.arg


@contextmanager
def sqlalchemy_errors(sql: str, dialect: Dialect) -> Iterator[None]:
    """Raise the driver's errors as SQLAlchemy's.

    Args:
        sql: what runs.
        dialect: of the database.
    """
    try:
        yield
    except SqliteError as error:
        raise as_sqlalchemy_error(error, dialect, sql, []) from error


def as_sqlalchemy_error(
    error: SqliteError, dialect: Dialect, sql: str | None = None, bound: list[Any] | None = None
) -> Exception:
    """Return an error of the driver as one of SQLAlchemy's.

    Args:
        error: of the driver.
        dialect: of the database.
        sql: what ran; None where there was no connection to run anything on.
        bound: its values.
    """
    return DBAPIError.instance(
        sql, bound, error, SqliteError, dialect=dialect, connection_invalidated=False
    )
