"""Questions that most requests ask: written in SQL once, and asked without a transaction.

A session costs more than a row that is only shown: measured on SQLite, finding one upload takes
0.03 ms of processor time so, and 0.33 ms as an object of a session. One statement has one view of
the database, and what it finds is of this moment: nothing is remembered.
"""

import time
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import BindParameter, Dialect, Engine, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase

from open_event_uploads.metrics import DATABASE
from open_event_uploads.models.measured import others_listen

Found = TypeVar("Found")
Model = TypeVar("Model", bound=DeclarativeBase)
Make = Callable[[Sequence[Any]], Found]
Values = Mapping[str, Any]
Statement = Select[*tuple[Any, ...]]

_NONE: Values = {}


def light(model: type[Model]) -> Make[Model]:
    """What makes a light row of the values of a model's columns, in their order.

    It has the model's columns and properties, but none of its relationships, and nothing that is
    done to it reaches the database.
    """
    names = [each.key for each in model.__mapper__.column_attrs]
    properties = {name: each for name, each in vars(model).items() if isinstance(each, property)}
    values = namedtuple(f"{model.__name__}Row", names)  # type: ignore[misc]  # noqa: PYI024 - known when it runs
    row = type(values.__name__, (values,), {"__slots__": (), **properties})
    # To whoever reads it, it is the model.
    return cast("Make[Model]", row._make)  # type: ignore[attr-defined]  # documented (collections.namedtuple)


class Prepared(Generic[Found]):
    """A question that is asked again and again, with other values.

    Args:
        statement: selects; what changes in it is a `bindparam` with a name, or computes its value.
        make: what becomes of the values of one row.
    """

    def __init__(self, statement: Statement, make: Make[Found]) -> None:
        self._statement = statement
        self._make = make
        self._text: _Text | None = None

    def all(self, engine: Engine, values: Values = _NONE) -> list[Found]:
        """What is found, in order.

        Args:
            engine: of the database.
            values: by name.
        """
        if engine.dialect.name != "sqlite" or others_listen(engine):
            return ask(engine, self._statement, self._make, values)
        if self._text is None:
            self._text = _Text(self._statement, engine.dialect)
        return [self._make(each) for each in self._text.rows(engine, values)]

    def first(self, engine: Engine, values: Values = _NONE) -> Found | None:
        """The first that is found, or None."""
        found = self.all(engine, values)
        return found[0] if found else None


def ask(
    engine: Engine, statement: Statement, make: Make[Found], values: Values = _NONE
) -> list[Found]:
    """What a statement finds that is not asked often enough to be prepared.

    Args:
        engine: of the database.
        statement: selects.
        make: what becomes of the values of one row.
        values: by name.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # Saves the two journeys of BEGIN and ROLLBACK.
            connection.execution_options(isolation_level="AUTOCOMMIT")
        return [make(each) for each in connection.execute(statement, dict(values))]


class _Text:
    """A statement in the words of SQLite, whose driver is asked without SQLAlchemy's own layers.

    Outside a transaction, because the driver begins none by itself (`sqlite.py`).
    """

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self._sql = str(compiled)
        self._bound = [_Bound(compiled.binds[name], dialect) for name in compiled.positiontup]
        self._read = [
            (place, read)
            for place, column in enumerate(statement.selected_columns)
            if (read := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]

    def rows(self, engine: Engine, values: Values) -> list[Sequence[Any]]:
        """The values of each row.

        Raises:
            DBAPIError: as SQLAlchemy would say it.
        """
        bound = [each.value(values) for each in self._bound]
        driver = cast("Any", engine.dialect.loaded_dbapi)
        try:
            with closing(engine.raw_connection()) as connection:
                started = time.perf_counter()
                # All at once: the driver gives way to other threads at each call.
                rows = (
                    cast("Any", connection.driver_connection).execute(self._sql, bound).fetchall()
                )
        except driver.Error as error:
            raise DBAPIError.instance(
                self._sql, bound, error, driver.Error, dialect=engine.dialect
            ) from error
        DATABASE.labels("select").observe(time.perf_counter() - started)
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
