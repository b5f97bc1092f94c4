"""Verify that every upload has its bytes, complete and unchanged."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import engine_of
from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.maintenance.claim_storage import check_marker
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.model import Upload, is_kept, is_published
from open_event_uploads.uploads.quarantine import quarantine_upload, release_upload

_BATCH = 200
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Verdict:
    """Report on one upload.

    Args:
        upload_id: of the upload.
        key: of its object.
        problem: `missing`, `wrong-size` or `wrong-checksum`; `quarantined` if the bytes are right
            but the upload is in quarantine; None if there is no problem.
        done: `quarantined` or `released`; None if nothing was changed.
    """

    upload_id: str
    key: str
    problem: str | None
    done: str | None = None


def count_uploads(*, session: Session) -> int:
    """Count the uploads that `verify` checks, if none is created or deleted meanwhile."""
    judged = select(func.count()).select_from(Upload).where(is_published(), is_kept())
    count = session.scalar(judged) or 0
    session.rollback()
    return count


def verify(
    *, session: Session, storage: Storage, quick: bool = False, quarantine: bool = False
) -> Iterator[Verdict]:
    """Read every file, and compare its size and SHA-256 with its row.

    No transaction is open while bytes are read, and memory stays constant. An upload that is
    replaced or deleted meanwhile is skipped: its new bytes have just been checked.

    Args:
        session: for the rows.
        storage: for the bytes.
        quick: compare sizes only; nothing is released then, because the bytes may differ.
        quarantine: put uploads with lost or damaged bytes into quarantine, and release those whose
            bytes are restored.

    Raises:
        StorageUnavailable: the storage does not answer.
        ForeignStorage: with `quarantine`, if the storage is not this database's.
    """
    if quarantine:
        check_marker(engine=engine_of(session), storage=storage)
    last_id = ""
    while uploads := _batch_after(last_id, session):
        for upload in uploads:
            problem = _problem(upload, storage, quick=quick)
            if problem is None and upload.status != "ready" and not quick:
                problem = "quarantined"
            if problem and not _unchanged(upload, session):
                continue
            verdict = Verdict(upload.id, upload.key, problem)
            yield _change_status(upload, verdict, session) if quarantine and problem else verdict
        last_id = uploads[-1].id


def _batch_after(last_id: str, session: Session) -> list[Upload]:
    query = select(Upload).where(is_published(), is_kept())
    if last_id:
        query = query.where(Upload.id > last_id)
    uploads = list(session.scalars(query.order_by(Upload.id).limit(_BATCH)))
    # Out of the session first: a rollback would have each row read again at its next use.
    session.expunge_all()
    session.rollback()
    return uploads


def _problem(upload: Upload, storage: Storage, *, quick: bool) -> str | None:
    digest, size = hashlib.sha256(), 0
    try:
        with storage.open(upload.key) as file:
            if quick:
                size = file.seek(0, io.SEEK_END)
            else:
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    size += len(chunk)
    except ObjectNotFound:
        return "missing"
    if size != upload.size:
        return "wrong-size"
    is_right = quick or f"sha256:{digest.hexdigest()}" == upload.checksum
    return None if is_right else "wrong-checksum"


def _unchanged(upload: Upload, session: Session) -> bool:
    """Return whether the row still has this key; others delete and replace uploads meanwhile."""
    still = session.execute(
        select(Upload.key, Upload.status).where(Upload.id == upload.id, is_kept())
    ).one_or_none()
    session.rollback()
    return still is not None and tuple(still) == (upload.key, upload.status)


def _change_status(upload: Upload, verdict: Verdict, session: Session) -> Verdict:
    """Put an upload into quarantine, or release it."""
    if verdict.problem == "quarantined":
        is_done = release_upload(upload, session=session)
        return replace(verdict, problem=None, done="released") if is_done else verdict
    if upload.status == "ready" and quarantine_upload(upload, session=session):
        return replace(verdict, done="quarantined")
    return verdict
