"""Read the database of another system: a few SELECTs on its documented tables, no writes.

Rows are read in pages, each with a statement of its own, so that no transaction stays open while
files are imported and memory stays flat.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Self
from urllib.parse import quote

from sqlalchemy import Row, Select, create_engine, event, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from open_event_uploads.database.postgresql import connection_parameters
from open_event_uploads.database.url import database_address
from open_event_uploads.errors import InvalidImport

_OPTION = "--database"
_PAGE_ROWS = 500
_REPLACED = "\N{REPLACEMENT CHARACTER}"


class ForeignDatabase:
    """A database that is only read; use it in a `with` block.

    Args:
        url: as of `UPLOADS_DATABASE_URL`: of SQLite or PostgreSQL.

    Raises:
        InvalidSettings: the address is invalid.
    """

    def __init__(self, url: str) -> None:
        address = database_address(url, setting=_OPTION)
        # No connection waits while files are imported: it would be cut off in the end.
        if address.get_backend_name() == "sqlite":
            file = address.database or ""
            self._engine = create_engine(
                "sqlite://", creator=lambda: _open_file(file), poolclass=NullPool
            )
        else:
            self._engine = create_engine(
                address, poolclass=NullPool, connect_args=connection_parameters(address)
            ).execution_options(postgresql_readonly=True)
            texts = import_module(f"{__package__}.postgresql_texts")  # its driver is an extra
            event.listen(self._engine, "connect", lambda made, _: texts.read_as_texts(made))

    def __enter__(self) -> Self:
        """Return the database itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        self._engine.dispose()

    def columns_of(self, table: str) -> frozenset[str]:
        """Return the names of a table's columns; none if there is no such table."""
        with _named_errors():
            found = inspect(self._engine)
            if not found.has_table(table):
                return frozenset()
            return frozenset(each["name"] for each in found.get_columns(table))

    def check_tables(self, system: str, *tables: str) -> None:
        """Check that the database is one of this system.

        Raises:
            InvalidImport: a table is missing.
        """
        for table in tables:
            if not self.columns_of(table):
                raise InvalidImport(
                    f"{_OPTION}: this is no database of {system}: it has no table `{table}`"
                )

    def read(self, select: Select[*tuple[Any, ...]]) -> list[Row[*tuple[Any, ...]]]:
        """Return all rows of a SELECT that has few.

        Raises:
            InvalidImport: the database cannot be read.
        """
        with _named_errors(), self._engine.connect() as connection:
            return list(connection.execute(select))

    def walk(self, select: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
        """Yield the rows of a SELECT, in the order of its first column.

        Args:
            select: without an order. Its first column is unique and never null.

        Raises:
            InvalidImport: the database cannot be read.
        """
        key = next(iter(select.selected_columns))
        page = ordered = select.order_by(key).limit(_PAGE_ROWS)
        while len(rows := self.read(page)) == _PAGE_ROWS:
            yield from rows
            last = rows[-1][0]
            # Nothing comes after null, and bytes that are no text may come after themselves.
            if last is None or _REPLACED in str(last):
                raise InvalidImport(f"{_OPTION}: the column `{key.name}` has a value that is no id")
            page = ordered.where(key > last)
        yield from rows


def read_time(value: object) -> datetime | None:
    """Return a time of another system in UTC; None for null and for what is no time.

    Args:
        value: a time, its ISO 8601 text, or the milliseconds since 1970; in UTC unless it has a
            zone.
    """
    try:
        match value:
            case datetime():
                found = value
            case str():
                found = datetime.fromisoformat(value)
            case bool():
                return None
            case int() | float():
                found = datetime.fromtimestamp(value / 1000, UTC)
            case _:
                return None
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _open_file(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)
    # Other systems are less strict than ours about what a text is.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return connection


@contextmanager
def _named_errors() -> Iterator[None]:
    """Raise an error that names the option: others of databases are about ours."""
    try:
        yield
    except SQLAlchemyError as error:
        raise InvalidImport(
            f"{_OPTION}: it cannot be read: {getattr(error, 'orig', error)}"
        ) from None
