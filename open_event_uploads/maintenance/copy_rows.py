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

# The largest rows hold documents of 50 operations: 500 of them have some 50 MB.
_BATCH = 500

AnyRow = Row[tuple[object, ...]]
Key = tuple[object, ...]
Rows = Mapping[Key, AnyRow]


def copy_rows(
    table: Table, *, source: Connection, target: Engine, compares_only: bool = False
) -> Iterator[int]:
    """Copy the rows that the target lacks; the others must be equal.

    Each batch is one transaction, so this can be interrupted at any time and started again.

    Args:
        table: of both databases.
        source: in a transaction that sees one state of its database.
        target: the database to copy to.
        compares_only: copy nothing; no row may be missing.

    Yields:
        The number of rows copied in each batch; with `compares_only` the number compared.

    Raises:
        MoveRefused: a row differs, is missing, or is refused by the target.
    """
    for rows in _batches(table, source):
        if compares_only:
            if _missing(table, rows, target):
                raise _written_meanwhile(table)
            yield len(rows)
        else:
            yield write(target, partial(_copy, table, rows))


def _copy(table: Table, rows: Rows, execute: Execute) -> int:
    """Copy the rows that are missing, and return their number."""
    missing = _missing(table, rows, execute)
    try:
        execute(insert(table), [row._asdict() for row in missing])
    except (DataError, IntegrityError) as error:
        raise MoveRefused(f"{table.name}: TO refuses a row: {error.orig}") from None
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
        f"{table.name}: FROM was written to while it was copied; run servers with "
        "UPLOADS_READ_ONLY=true, and start again with an empty TO"
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
