"""Verify that what has arrived of unfinished uploads is there."""

from collections.abc import Iterator

from sqlalchemy import Engine, select

from open_event_uploads.database.read import read
from open_event_uploads.database.types import now
from open_event_uploads.maintenance.objects import size_of
from open_event_uploads.maintenance.verify import Verdict
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.resumable.model import PieceRow, ResumableRow, ResumableUpload
from open_event_uploads.uploads.resumable.piece_rows import pieces_of
from open_event_uploads.uploads.resumable.whole_file import segments_of

_BATCH = 100


def verify_pieces(*, engine: Engine, storage: Storage) -> Iterator[Verdict]:
    """Report each unfinished upload that has lost bytes which were acknowledged.

    A piece may hold more than counts, and has no checksum: the upload will be checked when it is
    whole. Others go on and finish meanwhile.

    Args:
        engine: of the database.
        storage: of the pieces.

    Raises:
        StorageUnavailable: the storage does not answer.
    """
    for row in _unfinished(engine):
        for key, size in segments_of(pieces_of(row.id, engine), row.received):
            found = size_of(storage, key)
            is_lost = found is None or found < size
            if is_lost and key in _keys(pieces_of(row.id, engine)):
                yield Verdict(row.id, key, "lost-bytes")
                break


def _unfinished(engine: Engine) -> Iterator[ResumableRow]:
    table = ResumableUpload
    query = select(table).where(table.upload_id.is_(None), table.expires_at > now())
    query = query.order_by(table.id).limit(_BATCH)
    rest = query
    while batch := read(engine, rest, ResumableRow):
        yield from batch
        rest = query.where(table.id > batch[-1].id)


def _keys(pieces: tuple[PieceRow, ...]) -> set[str]:
    return {each.key for each in pieces}
