"""Find resumable uploads."""

from sqlalchemy import Engine, bindparam, select

from open_event_uploads.database.read import Query
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import is_id
from open_event_uploads.errors import NotFound
from open_event_uploads.uploads.resumable.model import (
    ResumableRow,
    ResumableUpload,
    has_expired,
)
from open_event_uploads.uploads.rows import read_upload

_BY_ID = Query(select(ResumableUpload).where(ResumableUpload.id == bindparam("id")), ResumableRow)
_FINAL = Query(
    select(ResumableUpload).where(
        ResumableUpload.sender == bindparam("sender"),
        ResumableUpload.upload_id == bindparam("upload_id"),
        ResumableUpload.concatenation == bindparam("concatenation"),
    ),
    ResumableRow,
)


def find_resumable(id_: str, owner_id: str | None, source: Engine | Execute) -> ResumableRow:
    """Return a resumable upload.

    Raises:
        NotFound: there is none, or none any more, or it is another user's; or the upload that it
            became is gone.
    """
    row = _BY_ID.first(source, {"id": id_}) if is_id(id_) else None
    return visible_row(row, owner_id, source)


def visible_row(
    row: ResumableRow | None, owner_id: str | None, source: Engine | Execute
) -> ResumableRow:
    """Return a row that was read, if its sender may know of it; errors as of `find_resumable`."""
    if row is None or row.owner_id != owner_id or has_expired(row) or _is_deleted(row, source):
        raise NotFound("There is no such upload, or none any more; begin again.")
    return row


def _is_deleted(row: ResumableRow, source: Engine | Execute) -> bool:
    """Return whether it was finished, and what became of it is gone.

    A client that has the same file to send once more would take it for sent already.
    """
    return row.upload_id is not None and read_upload(source, row.upload_id) is None


def find_final(part: ResumableRow, concatenation: str, engine: Engine) -> ResumableRow | None:
    """Return the upload that a part was put into; None if it was another one.

    Args:
        part: as it was read.
        concatenation: the value of Upload-Concat.
        engine: of the database.
    """
    sent = {"sender": part.sender, "upload_id": part.upload_id, "concatenation": concatenation}
    return _FINAL.first(engine, sent)
