"""The rows of one table are copied to another database, or compared with what is there."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Table,
    insert,
    literal,
    select,
    tuple_,
)
from sqlalchemy.exc import DataError, IntegrityError

from open_event_uploads.database.sqlite import WRITES
from open_event_uploads.database.write_lock import write_lock
from open_event_uploads.errors import MoveRefused

# Of the largest rows, results with a document of 50 operations, so many are some 50 MB.
_BATCH = 500

AnyRow = Row[tuple[object, ...]]
Key = tuple[object, ...]


def copy_rows(
    table: Table, *, source: Connection, target: Engine, compares_only: bool = False
) -> Iterator[int]:
    """Copy what is not there yet; what is there must be equal.

    Each batch is one transaction, so this may be stopped at any moment and begun again.

    Args:
        table: of both databases.
        source: in a transaction that sees one state of its database.
        target: where to.
        compares_only: copy nothing; everything must be there.

    Yields:
        How many rows have been copied, of as many as have been looked at since the last.

    Raises:
        MoveRefused: a row is there and another, or missing, or the database does not take it.
    """
    for rows in _batches(table, source):
        with _transaction(target, writes=not compares_only) as connection:
            there = _there(table, list(rows), connection)
            missing = [row for key, row in rows.items() if key not in there]
            if any(rows[key] != row for key, row in there.items()) or (missing and compares_only):
                raise MoveRefused(
                    f"{table.name}: FROM was written to while it was copied; let servers run with "
                    "UPLOADS_READ_ONLY=true, and begin again with an empty TO"
                )
            _insert(table, missing, connection)
        yield len(missing) if not compares_only else len(rows)


def _batches(table: Table, source: Connection) -> Iterator[dict[Key, AnyRow]]:
    keys = list(table.primary_key.columns)
    ordered = select(table).order_by(*keys).limit(_BATCH)
    query = ordered
    while rows := source.execute(query).all():
        found = {_key(table, row): row for row in rows}
        yield found
        last = zip(_key(table, rows[-1]), keys, strict=True)
        query = ordered.where(
            tuple_(*keys) > tuple_(*(literal(value, key.type) for value, key in last))
        )


def _there(table: Table, keys: list[Key], connection: Connection) -> dict[Key, AnyRow]:
    columns = list(table.primary_key.columns)
    wanted = tuple_(*columns).in_(keys)
    if len(columns) == 1:
        wanted = columns[0].in_([key for (key,) in keys])
    return {_key(table, row): row for row in connection.execute(select(table).where(wanted))}


def _insert(table: Table, rows: list[AnyRow], connection: Connection) -> None:
    if not rows:
        return
    try:
        connection.execute(insert(table), [row._asdict() for row in rows])
    except (DataError, IntegrityError) as error:
        raise MoveRefused(f"{table.name}: TO does not take a row: {error.orig}") from None


def _key(table: Table, row: AnyRow) -> Key:
    return tuple(
        value for value, column in zip(row, table.columns, strict=True) if column.primary_key
    )


@contextmanager
def _transaction(target: Engine, *, writes: bool) -> Iterator[Connection]:
    if not writes:
        with target.connect() as connection:
            yield connection
        return
    with (
        write_lock(target),
        target.connect().execution_options(**{WRITES: True}) as connection,
        connection.begin(),
    ):
        yield connection
