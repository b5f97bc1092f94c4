"""Does every upload have its bytes, all of them, unchanged?"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.models import Upload
from open_event_uploads.storage import Storage

_BATCH = 200
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one upload.

    Args:
        upload_id: which.
        key: where its bytes should lie.
        problem: `missing`, `wrong-size` or `wrong-checksum`; None when all is well.
    """

    upload_id: str
    key: str
    problem: str | None


def count_uploads(*, session: Session) -> int:
    """How many verdicts `verify` is going to give, if nothing changes meanwhile."""
    count = session.scalar(select(func.count()).select_from(Upload)) or 0
    session.rollback()
    return count


def verify(*, session: Session, storage: Storage) -> Iterator[Verdict]:
    """Read every file back and compare its size and SHA-256 with its row.

    No transaction is open while bytes are read, and memory stays flat however many there are. An
    upload that is replaced or deleted meanwhile is left out: its new bytes have just been checked.

    Raises:
        StorageUnavailable: the storage does not answer at all.
    """
    last_id = ""
    while uploads := _batch_after(last_id, session):
        for upload in uploads:
            problem = _problem(upload, storage)
            if problem and not _unchanged(upload, session):
                continue
            yield Verdict(upload.id, upload.key, problem)
        last_id = uploads[-1].id


def _batch_after(last_id: str, session: Session) -> list[Upload]:
    query = select(Upload).where(Upload.status == "ready").order_by(Upload.id).limit(_BATCH)
    if last_id:
        query = query.where(Upload.id > last_id)
    uploads = list(session.scalars(query))
    # Out of the session first: a rollback would have each row read again at its next use.
    session.expunge_all()
    session.rollback()
    return uploads


def _problem(upload: Upload, storage: Storage) -> str | None:
    digest, size = hashlib.sha256(), 0
    try:
        with storage.open(upload.key) as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
    except ObjectNotFound:
        return "missing"
    if size != upload.size:
        return "wrong-size"
    return None if f"sha256:{digest.hexdigest()}" == upload.checksum else "wrong-checksum"


def _unchanged(upload: Upload, session: Session) -> bool:
    """Whether the row still names these bytes: deleting and replacing go on beside a verify."""
    still = session.scalar(select(Upload.key).where(Upload.id == upload.id))
    session.rollback()
    return still == upload.key
