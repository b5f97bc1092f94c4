"""Insert, update, delete and lock one row of any table, within `write`.

Defaults, `onupdate` and version counters are those that the model's columns declare.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sql
from sqlalchemy import Column, ColumnElement, Table, and_, bindparam

from open_event_uploads.database.compiled_statement import Values, default_value
from open_event_uploads.database.row import table_of, version_of
from open_event_uploads.database.statement import Execute, Statement
from open_event_uploads.errors import ChangedMeanwhile, PreconditionFailed

Row = TypeVar("Row")


def insert(execute: Execute, row_class: type[Row], values: Values) -> Row:
    """Insert a row.

    Args:
        execute: runs statements in the transaction.
        row_class: of the table.
        values: by column; every other column has its default, or is null.

    Returns:
        The row as it is in the table.

    Raises:
        ValueError: there is no such column, or one has neither a value nor a default.
        IntegrityError: a constraint does not allow the row.
    """
    complete = complete_values(row_class, values)
    execute(_insert(table_of(row_class)), complete)
    return row_class(*complete.values())


def complete_values(row_class: type[Any], values: Values) -> dict[str, Any]:
    """Return a value for each column of a new row, in their order.

    Args:
        row_class: of the table.
        values: by column; every other column has its default, or is null.

    Raises:
        ValueError: there is no such column, or one has neither a value nor a default.
    """
    _check_names(row_class, values)
    return {
        column.key: _normal(values[column.key]) if column.key in values else _default(column)
        for column in table_of(row_class).columns
    }


def update(execute: Execute, row: Row, changes: Values) -> Row:
    """Change a row that was read in this transaction, unless it has these values already.

    Args:
        execute: runs statements in the transaction.
        row: as `lock` found it.
        changes: new values by column.

    Returns:
        The row as it is now; the very same object where nothing differs.

    Raises:
        ValueError: there is no such column.
        ChangedMeanwhile: the row has another version, or is gone.
        IntegrityError: a constraint does not allow the change.
    """
    row_class = type(row)
    _check_names(row_class, changes)
    differing = {
        name: _normal(value) for name, value in changes.items() if getattr(row, name) != value
    }
    if not differing:
        return row
    differing |= _values_on_update(row, differing)
    statement = _update(table_of(row_class), frozenset(differing))
    if not execute(statement, {f"new_{k}": v for k, v in differing.items()} | _identity(row)):
        raise ChangedMeanwhile("The row was changed meanwhile; read it again.")
    return msgspec.structs.replace(row, **differing)  # type: ignore[type-var]


def delete(execute: Execute, row: object) -> None:
    """Delete a row; do nothing if it is gone."""
    table = table_of(type(row))
    names = [each.key for each in table.primary_key]
    execute(_delete(table), {f"key_{name}": getattr(row, name) for name in names})


def lock(execute: Execute, row_class: type[Row], *key: object) -> Row | None:
    """Read a row, and keep everybody else from changing it until the transaction ends.

    Args:
        execute: runs statements in the transaction.
        row_class: of the table.
        key: the values of its primary key.

    Returns:
        The row, or None if there is none with this key.
    """
    table = table_of(row_class)
    names = [each.key for each in table.primary_key]
    values = {f"key_{name}": value for name, value in zip(names, key, strict=True)}
    found = execute(_lock(table), values)
    return row_class(*found[0]) if found else None


def check_version(row: Any, versions: frozenset[int] | None) -> None:  # noqa: ANN401 - any row with `version`
    """Make sure that a client knows what it is about to change (RFC 9110, section 13.1.1).

    Raises:
        PreconditionFailed: the row has none of these versions; None allows any.
    """
    if versions is not None and row.version not in versions:
        raise PreconditionFailed(
            "It has changed since the version that If-Match names; read it again.",
            header="If-Match",
        )


def _check_names(row_class: type[Any], values: Values) -> None:
    table = table_of(row_class)
    if unknown := values.keys() - table.columns.keys():
        raise ValueError(f"{table.name} has no column {', '.join(sorted(unknown))}")


def _default(column: Column[Any]) -> Any:  # noqa: ANN401 - any value
    if column.default is not None:
        return default_value(column.default)
    if column.nullable:
        return None
    raise ValueError(f"{column} needs a value: it has no default and cannot be null")


def _normal(value: Any) -> Any:  # noqa: ANN401 - any value
    """Return a value as it is read from the database: points in time are in UTC."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _values_on_update(row: object, changes: Mapping[str, object]) -> dict[str, Any]:
    table = table_of(type(row))
    values = {
        name: default_value(onupdate)
        for name, onupdate in _onupdates(table).items()
        if name not in changes
    }
    version = version_of(table)
    return values if version is None else values | {version: getattr(row, version) + 1}


@cache
def _onupdates(table: Table) -> dict[str, Any]:
    return {each.key: each.onupdate for each in table.columns if each.onupdate is not None}


def _identifying(table: Table) -> list[Column[Any]]:
    """Return the columns of the primary key, and the version counter if there is one."""
    version = version_of(table)
    return [*table.primary_key, *([] if version is None else [table.columns[version]])]


def _identity(row: object) -> dict[str, Any]:
    columns = _identifying(table_of(type(row)))
    return {f"key_{each.key}": getattr(row, each.key) for each in columns}


def _is(columns: Iterable[Column[Any]]) -> ColumnElement[bool]:
    return and_(*(each == bindparam(f"key_{each.key}", type_=each.type) for each in columns))


@cache
def _insert(table: Table) -> Statement:
    return Statement(sql.insert(table))


@cache
def _update(table: Table, names: frozenset[str]) -> Statement:
    values = {name: bindparam(f"new_{name}", type_=table.columns[name].type) for name in names}
    clause = sql.update(table).where(_is(_identifying(table))).values(values)
    return Statement(clause.returning(*table.primary_key))


@cache
def _delete(table: Table) -> Statement:
    return Statement(sql.delete(table).where(_is(table.primary_key)))


@cache
def _lock(table: Table) -> Statement:
    return Statement(sql.select(table).where(_is(table.primary_key)).with_for_update())
