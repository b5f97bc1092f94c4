"""What was kept for a while goes when that is over: uploads of every status."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import within, write_transaction
from open_event_uploads.database.types import now
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.model import Upload, is_over
from open_event_uploads.uploads.quota import Ledger, count_bytes
from open_event_uploads.uploads.store import discard

# So many rows go in one transaction: others wait for their turn to write no longer than that.
_BATCH = 100

_Place = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Expired:
    """Uploads whose lease is over.

    Args:
        uploads: how many.
        size: their bytes together.
    """

    uploads: int = 0
    size: int = 0


def count_expired(*, session: Session) -> Expired:
    """How many there are at this moment."""
    count = select(func.count(), func.coalesce(func.sum(Upload.size), 0)).select_from(Upload)
    uploads, size = session.execute(count.where(is_over(now()))).one()
    session.rollback()
    return Expired(uploads, int(size))


def remove_expired(
    *, session: Session, storage: Storage, progress: Callable[[int], None] = lambda _: None
) -> Expired:
    """Remove uploads whose lease is over, rows first, so that a crash leaves orphans at most.

    Whoever prolongs a lease at the same time does so before or not at all: both sides lock the row
    and look at its lease, and to the other side it is over.

    Args:
        session: for the rows, some at a time.
        storage: for the bytes; must be this database's.
        progress: is told how many are gone.

    Returns:
        What is gone now.

    Raises:
        DatabaseUnavailable: what has gone is gone; another run removes the rest.
    """
    at, place = now(), None
    uploads = size = 0
    while batch := _places_after(place, at, session):
        for upload in _remove(batch, at, session):
            discard(upload.key, storage)
            uploads, size = uploads + 1, size + upload.size
        progress(uploads)
        place = batch[-1]
    return Expired(uploads, size)


def _places_after(place: _Place | None, at: datetime, session: Session) -> list[_Place]:
    columns = (Upload.expires_at, Upload.id)
    query = select(*columns).where(is_over(at)).order_by(*columns).limit(_BATCH)
    if place is not None:
        query = query.where(tuple_(*columns) > place)
    found = [(expires_at, id_) for expires_at, id_ in session.execute(query) if expires_at]
    session.rollback()
    return found


def _remove(places: Sequence[_Place], at: datetime, session: Session) -> list[Upload]:
    """Remove rows whose lease is still over, and count their bytes no more."""
    ledger = Ledger()
    with write_transaction(session):
        # What somebody else holds is being changed or deleted, and is left to the next run: two
        # who wait for each other's rows would wait for ever.
        query = select(Upload).where(Upload.id.in_([id_ for _, id_ in places]), is_over(at))
        found = list(session.scalars(query.with_for_update(skip_locked=True)))
        for upload in found:
            ledger.note(upload.owner_id, removed=upload.size)
            session.delete(upload)
        session.flush()
        count_bytes(ledger, execute=within(session))
    return found
