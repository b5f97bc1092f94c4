"""Find rows that are shown: no session, and no transaction but that of a write.

One statement has one view of the database, and what it finds is of this moment: nothing is
remembered. A session costs more than finding a row that is only shown.
"""

from collections.abc import Callable
from itertools import starmap
from typing import Any, Generic, TypeVar, TypeVarTuple, overload

from sqlalchemy import Engine, Select

from open_event_uploads.database.compiled_statement import Rows, Values
from open_event_uploads.database.driver_connections import lent_connection
from open_event_uploads.database.statement import (
    NO_VALUES,
    Execute,
    Statement,
)
from open_event_uploads.database.timing import others_listen

Found = TypeVar("Found")
Columns = TypeVarTuple("Columns")


class Query(Generic[Found]):
    """A SELECT that is compiled once and runs again and again with other values.

    Args:
        select: what changes in it is a `bindparam` with a name, or computes its value.
        make: is called with the columns of each row; a row class, for one. Without it, rows are
            tuples.
    """

    @overload
    def __init__(
        self: "Query[tuple[*Columns]]", select: Select[*Columns], make: None = None
    ) -> None: ...
    @overload
    def __init__(self, select: Select[*tuple[Any, ...]], make: Callable[..., Found]) -> None: ...
    def __init__(
        self, select: Select[*tuple[Any, ...]], make: Callable[..., Any] | None = None
    ) -> None:
        self._statement = Statement(select)
        self._make = make

    def all(self, source: Engine | Execute, values: Values = NO_VALUES) -> list[Found]:
        """Return all rows in order.

        Args:
            source: the engine; or, to read within a write, what its step was given.
            values: of the named parameters.

        Raises:
            DBAPIError: the database refuses the statement, or cannot be reached.
        """
        return _made(_run(source, self._statement, values), self._make)

    def first(self, source: Engine | Execute, values: Values = NO_VALUES) -> Found | None:
        """Return the first row, or None if there is none; arguments as of `all`."""
        found = self.all(source, values)
        return found[0] if found else None


@overload
def read(source: Engine | Execute, select: Select[*Columns]) -> list[tuple[*Columns]]: ...
@overload
def read(
    source: Engine | Execute, select: Select[*tuple[Any, ...]], make: Callable[..., Found]
) -> list[Found]: ...
def read(
    source: Engine | Execute,
    select: Select[*tuple[Any, ...]],
    make: Callable[..., Any] | None = None,
) -> list[Any]:
    """Return the rows of a SELECT that was put together for one request; arguments as of `Query`.

    Raises:
        DBAPIError: the database refuses the statement, or cannot be reached.
    """
    if isinstance(source, Engine):
        # SQLAlchemy knows by its parts whether it has compiled such a statement before.
        return _made(_run_by_sqlalchemy(source, Statement(select), NO_VALUES), make)
    return _made(source(select), make)


def _made(rows: Rows, make: Callable[..., Any] | None) -> list[Any]:
    return list(map(tuple, rows) if make is None else starmap(make, rows))


def _run(source: Engine | Execute, statement: Statement, values: Values) -> Rows:
    if not isinstance(source, Engine):
        return source(statement, values)
    if source.dialect.name != "sqlite" or others_listen(source):
        return _run_by_sqlalchemy(source, statement, values)
    return _run_by_driver(source, statement, values)


def _run_by_sqlalchemy(engine: Engine, statement: Statement, values: Values) -> Rows:
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # Saves the two round trips of BEGIN and ROLLBACK.
            connection.execution_options(isolation_level="AUTOCOMMIT")
        return statement.on(connection, values)


def _run_by_driver(engine: Engine, statement: Statement, values: Values) -> Rows:
    with lent_connection(engine) as connection:
        # No transaction: the driver begins none by itself (`sqlite.py`).
        return statement.on_driver(connection, engine.dialect, values)
