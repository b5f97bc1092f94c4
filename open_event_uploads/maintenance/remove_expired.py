"""Remove uploads whose lease is over, of every status."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Engine, func, select

from open_event_uploads.database.read import read
from open_event_uploads.database.types import now
from open_event_uploads.maintenance.walk_expired import Expired, walk_expired
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.model import Upload, UploadRow, is_over
from open_event_uploads.uploads.rows import UploadRows, write_uploads
from open_event_uploads.uploads.store import discard


def count_expired(*, engine: Engine) -> Expired:
    """Count the uploads whose lease is over now."""
    count = select(func.count(), func.coalesce(func.sum(Upload.size), 0)).select_from(Upload)
    ((uploads, size),) = read(engine, count.where(is_over(now())))
    return Expired(uploads, int(size))


def remove_expired(
    *, engine: Engine, storage: Storage, progress: Callable[[int], None] = lambda _: None
) -> Expired:
    """Remove uploads whose lease is over, rows first, so that a crash leaves only orphans.

    A lease that is extended at the same time is extended before, or not at all: both transactions
    lock the row and check the lease.

    Raises:
        DatabaseUnavailable: what was removed before stays removed; another run removes the rest.
    """
    at = now()
    uploads = size = 0
    for ids in walk_expired(Upload, at, engine):
        for upload in _remove(ids, at, engine):
            discard(upload.key, storage)
            uploads, size = uploads + 1, size + upload.size
        progress(uploads)
    return Expired(uploads, size)


def _remove(ids: Sequence[str], at: datetime, engine: Engine) -> list[UploadRow]:
    """Delete rows whose lease is still over, and subtract their bytes from their owners' usage."""
    query = select(Upload).where(Upload.id.in_(ids), is_over(at))

    def step(rows: UploadRows) -> list[UploadRow]:
        # A row that somebody else has locked is being changed or deleted, and is left to the next
        # run: two that wait for each other's rows would wait for ever.
        found = read(rows.execute, query.with_for_update(skip_locked=True), UploadRow)
        for upload in found:
            rows.delete(upload)
        return found

    return write_uploads(engine, step)
