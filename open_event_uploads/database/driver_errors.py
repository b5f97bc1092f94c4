"""Raise the errors of SQLite's driver as SQLAlchemy's."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Error as SqliteError
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError


@contextmanager
def sqlalchemy_errors(sql: str | None, dialect: Dialect) -> Iterator[None]:
    """Raise the driver's errors as SQLAlchemy's; arguments as of `as_sqlalchemy_error`."""
    try:
        yield
    except SqliteError as error:
        raise as_sqlalchemy_error(error, dialect, sql) from error


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
