"""Questions that most requests ask: written in SQL once, and asked without a transaction.

A session costs more than finding a row that is only shown. One statement has one view of the
database, and what it finds is of this moment: nothing is remembered.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from sqlite3 import Error as SqliteError
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection, Engine, Select
from sqlalchemy.orm import DeclarativeBase

from open_event_uploads.database.measured import others_listen
from open_event_uploads.database.spare_connections import spare_connections
from open_event_uploads.database.statement import Statement, Values, as_sqlalchemy_says

Found = TypeVar("Found")
Model = TypeVar("Model", bound=DeclarativeBase)
Make = Callable[[Sequence[Any]], Found]
Question = Select[*tuple[Any, ...]]

_NONE: Values = {}


def light(model: type[Model]) -> Make[Model]:
    """What makes a light row of the values of a model's columns, in their order.

    It has the model's columns and properties, but none of its relationships, and nothing that is
    done to it reaches the database.
    """
    # To whoever reads it, it is the model.
    return cast("Make[Model]", _row(model)._make)  # documented (collections.namedtuple)


def light_row(model: type[Model], values: Values) -> Model:
    """A light row of values by name, one for each of the model's columns."""
    row = _row(model)
    return cast("Model", row._make([values[name] for name in row._fields]))  # documented, too


@cache
def _row(model: Any) -> Any:  # noqa: ANN401 - any mapped class, and one made for it
    names = [each.key for each in model.__mapper__.column_attrs]
    properties = {name: each for name, each in vars(model).items() if isinstance(each, property)}
    values = namedtuple(f"{model.__name__}Row", names)  # type: ignore[misc]  # noqa: PYI024 - known when it runs
    return type(values.__name__, (values,), {"__slots__": (), **properties})


class Prepared(Generic[Found]):
    """A question that is asked again and again, with other values.

    Args:
        question: selects; what changes in it is a `bindparam` with a name, or computes its value.
        make: what becomes of the values of one row.
    """

    def __init__(self, question: Question, make: Make[Found]) -> None:
        self._question = question
        self._statement = Statement("select", question)
        self._make = make

    def all(self, engine: Engine, values: Values = _NONE) -> list[Found]:
        """What is found, in order.

        Args:
            engine: of the database.
            values: by name.

        Raises:
            DBAPIError: the database refuses it, or cannot be reached.
        """
        if engine.dialect.name != "sqlite" or others_listen(engine):
            with asking(engine) as connection:
                rows: Sequence[Any] = connection.execute(self._question, dict(values)).all()
        else:
            rows = self._of_driver(engine, values)
        return [self._make(each) for each in rows]

    def first(self, engine: Engine, values: Values = _NONE) -> Found | None:
        """The first that is found, or None."""
        found = self.all(engine, values)
        return found[0] if found else None

    def _of_driver(self, engine: Engine, values: Values) -> Sequence[Any]:
        spare = spare_connections(engine)
        try:
            connection = spare.take(engine)
        except SqliteError as error:
            raise as_sqlalchemy_says(error, engine.dialect) from error
        try:
            # No transaction: the driver begins none by itself (`sqlite.py`).
            rows = self._statement.on_driver(connection, engine.dialect, values)
        except BaseException:
            connection.close()
            raise
        spare.give(connection)
        return rows


@contextmanager
def asking(engine: Engine) -> Iterator[Connection]:
    """A connection for questions that are not asked often enough to be prepared.

    Args:
        engine: of the database.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # Saves the two journeys of BEGIN and ROLLBACK.
            connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection
