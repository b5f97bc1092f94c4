"""Remove resumable uploads whose time is over: with their bytes, if nobody has finished them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Engine, func, select

from open_event_uploads.database.read import read
from open_event_uploads.database.types import now
from open_event_uploads.maintenance.walk_expired import Expired, walk_expired
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.resumable.model import ResumableRow, ResumableUpload
from open_event_uploads.uploads.resumable.pieces import discard_pieces
from open_event_uploads.uploads.resumable.rows import delete_resumable
from open_event_uploads.uploads.rows import UploadRows, write_uploads

_TABLE = ResumableUpload


def count_abandoned(*, engine: Engine) -> Expired:
    """Count the unfinished uploads whose time is over now, and what has arrived of them."""
    count = select(func.count(), func.coalesce(func.sum(_TABLE.received), 0)).select_from(_TABLE)
    over = count.where(_TABLE.expires_at <= now(), _TABLE.upload_id.is_(None))
    ((uploads, size),) = read(engine, over)
    return Expired(uploads, int(size))


def remove_abandoned(
    *, engine: Engine, storage: Storage, progress: Callable[[int], None] = lambda _: None
) -> Expired:
    """Remove resumable uploads whose time is over, rows first, so that a crash leaves only pieces.

    Of those that became uploads only the rows are left; they go too, and do not count. One that
    somebody goes on with at the same time is kept, or goes on nowhere: both transactions lock the
    row.

    Returns:
        The number of the others, and the bytes that had arrived of them.

    Raises:
        DatabaseUnavailable: what was removed before stays removed; another run removes the rest.
    """
    at = now()
    uploads = size = 0
    for ids in walk_expired(_TABLE, at, engine):
        for row, keys in _remove(ids, at, engine):
            discard_pieces(keys, storage)
            if row.upload_id is None:
                uploads, size = uploads + 1, size + row.received
        progress(uploads)
    return Expired(uploads, size)


def _remove(
    ids: Sequence[str], at: datetime, engine: Engine
) -> list[tuple[ResumableRow, list[str]]]:
    """Delete rows whose time is still over, and return them with the keys of their pieces."""
    query = select(_TABLE).where(_TABLE.id.in_(ids), _TABLE.expires_at <= at)

    def step(rows: UploadRows) -> list[tuple[ResumableRow, list[str]]]:
        # See `remove_expired`.
        found = read(rows.execute, query.with_for_update(skip_locked=True), ResumableRow)
        return [(row, delete_resumable(row, rows)) for row in found]

    return write_uploads(engine, step)
