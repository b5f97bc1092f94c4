"""Find what is kept for a time that is over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select, tuple_

from open_event_uploads.database.read import read
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.resumable.model import ResumableUpload

# How many rows one transaction removes: other writers wait no longer than that.
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Expired:
    """Count uploads whose time is over.

    Args:
        uploads: their number.
        size: of all of them, in bytes.
    """

    uploads: int = 0
    size: int = 0


def walk_expired(
    table: type[Upload | ResumableUpload], at: datetime, engine: Engine
) -> Iterator[list[str]]:
    """Yield the ids of rows whose time is over, the earliest first, to be removed in batches.

    A row that stays is not found again.

    Args:
        table: of the rows.
        at: the moment at which it is over.
        engine: of the database.
    """
    columns = (table.expires_at, table.id)
    query = select(*columns).where(table.expires_at <= at).order_by(*columns).limit(_BATCH)
    rest = query
    while batch := read(engine, rest):
        yield [id_ for _, id_ in batch]
        rest = query.where(tuple_(*columns) > batch[-1])
