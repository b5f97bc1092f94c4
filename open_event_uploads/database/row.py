"""Derive row classes from models: frozen and typed, for what is read of a table.

The columns of a model are declared once, in a class that the model and its row class share:

    class UploadColumns:
        __slots__ = ()
        id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)

    class Upload(UploadColumns, Base):
        __tablename__ = "uploads"

    @row_of(Upload)
    class UploadRow(UploadColumns):
        \"\"\"An upload as it was read.\"\"\"

Type checkers see `row.id` as a `str`. Properties of the shared class work for both.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec
from sqlalchemy import Table

from open_event_uploads.database.types import Base

Row = TypeVar("Row")

_TABLES: dict[type, Table] = {}
_VERSIONS: dict[Table, str | None] = {}
_MODELS: dict[type, type[Base]] = {}
_ROW_CLASSES: dict[type[Base], type[Any]] = {}


def row_of(model: type[Base]) -> Callable[[type[Row]], type[Row]]:
    """Make a class the row class of a model: called with a value for each column, in their order.

    Args:
        model: derives from the class that the row class derives from.
    """

    def decorate(columns: type[Row]) -> type[Row]:
        table = cast("Table", model.__table__)
        counter = model.__mapper__.version_id_col
        # Half the time of a named tuple's `_make` (22 columns).
        made = cast(
            "type[Row]",
            msgspec.defstruct(
                columns.__name__,
                table.columns.keys(),
                bases=(*columns.__bases__, msgspec.Struct),
                module=columns.__module__,
                namespace={"__doc__": columns.__doc__, "__repr__": _repr},
                frozen=True,
                gc=False,
            ),
        )
        _TABLES[made] = table
        _VERSIONS[table] = None if counter is None else counter.key
        _MODELS[made] = model
        _ROW_CLASSES[model] = made
        return made

    return decorate


def _repr(row: object) -> str:
    # The other values may be secret.
    key = (f"{each.key}={getattr(row, each.key)!r}" for each in table_of(type(row)).primary_key)
    return f"{type(row).__name__}({', '.join(key)})"


def row_class_of(model: type[Base]) -> type[Any]:
    """Return the row class of a model."""
    return _ROW_CLASSES[model]


def model_of(row_class: type[Any]) -> type[Base]:
    """Return the model of a row class."""
    return _MODELS[row_class]


def table_of(row_class: type[Any]) -> Table:
    """Return the table that a row class is of."""
    return _TABLES[row_class]


def version_of(table: Table) -> str | None:
    """Return the name of the column that counts the changes of a row, if there is one."""
    return _VERSIONS[table]
