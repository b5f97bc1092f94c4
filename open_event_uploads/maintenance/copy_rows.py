"""Copy the rows of one table to another database, or compare them with those there."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

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

from open_event_uploads.database.read import read
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.write import write
from open_event_uploads.errors import MoveRefused

# Of the largest rows, results with a document of 50 operations, so many are some 50 MB.
_BATCH = 500

AnyRow = Row[tuple[object, ...]]
Key = tuple[object, ...]
Rows = Mapping[Key, AnyRow]


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
        if compares_only:
            if _missing(table, rows, target):
                raise _written_meanwhile(table)
            yield len(rows)
        else:
            yield write(target, partial(_copy, table, rows))


def _copy(table: Table, rows: Rows, execute: Execute) -> int:
    """Insert the rows that are missing, and return their number."""
    missing = _missing(table, rows, execute)
    try:
        execute(insert(table), [row._asdict() for row in missing])
    except (DataError, IntegrityError) as error:
        raise MoveRefused(f"{table.name}: TO does not take a row: {error.orig}") from None
    return len(missing)


def _missing(table: Table, rows: Rows, target: Engine | Execute) -> list[AnyRow]:
    """Return the rows that the target lacks.

    Raises:
        MoveRefused: it has another row with the same key.
    """
    columns = list(table.primary_key.columns)
    wanted = tuple_(*columns).in_(rows)
    if len(columns) == 1:
        wanted = columns[0].in_([key for (key,) in rows])
    there = {_key(table, row): row for row in read(target, select(table).where(wanted))}
    if any(tuple(rows[key]) != row for key, row in there.items()):
        raise _written_meanwhile(table)
    return [row for key, row in rows.items() if key not in there]


def _written_meanwhile(table: Table) -> MoveRefused:
    return MoveRefused(
        f"{table.name}: FROM was written to while it was copied; let servers run with "
        "UPLOADS_READ_ONLY=true, and begin again with an empty TO"
    )


def _batches(table: Table, source: Connection) -> Iterator[Rows]:
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


def _key(table: Table, row: Sequence[object]) -> Key:
    return tuple(
        value for value, column in zip(row, table.columns, strict=True) if column.primary_key
    )
