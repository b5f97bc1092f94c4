"""Verify that every upload has its bytes, complete and unchanged."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from sqlalchemy import ColumnElement, Engine, select

from open_event_uploads.database.read import read
from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.maintenance.claim_storage import check_marker
from open_event_uploads.maintenance.objects import read_chunks
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.model import Upload, UploadRow, is_kept, is_published
from open_event_uploads.uploads.quarantine import quarantine_upload, release_upload
from open_event_uploads.uploads.walk import walk_uploads


@dataclass(frozen=True, slots=True)
class Verdict:
    """Report on one upload.

    Args:
        upload_id: of the upload, or of the unfinished one.
        key: of its object, or of the piece.
        problem: `missing`, `wrong-size` or `wrong-checksum`; `lost-bytes` of an unfinished upload;
            `quarantined` if the bytes are right but the upload is in quarantine; None if there is
            no problem.
        done: `quarantined` or `released`; None if nothing was changed.
    """

    upload_id: str
    key: str
    problem: str | None
    done: str | None = None


def is_verified() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that the uploads meet which `verify` checks."""
    return is_published(), is_kept()


def verify(
    *, engine: Engine, storage: Storage, quick: bool = False, quarantine: bool = False
) -> Iterator[Verdict]:
    """Read every file, and compare its size and SHA-256 with its row.

    No transaction is open while bytes are read, and memory stays constant. An upload that is
    replaced or deleted meanwhile is skipped: its new bytes have just been checked.

    Args:
        engine: of the database.
        storage: for the bytes.
        quick: compare sizes only; nothing is released then, because the bytes may differ.
        quarantine: put uploads with lost or damaged bytes into quarantine, and release those whose
            bytes are restored.

    Raises:
        StorageUnavailable: the storage does not answer.
        ForeignStorage: with `quarantine`, if the storage is not this database's.
    """
    if quarantine:
        check_marker(engine=engine, storage=storage)
    for upload in chain.from_iterable(walk_uploads(*is_verified(), engine=engine)):
        problem = _problem(upload, storage, quick=quick)
        if problem is None and upload.status != "ready" and not quick:
            problem = "quarantined"
        if problem and not _unchanged(upload, engine):
            continue
        verdict = Verdict(upload.id, upload.key, problem)
        yield _change_status(upload, verdict, engine) if quarantine and problem else verdict


def _problem(upload: UploadRow, storage: Storage, *, quick: bool) -> str | None:
    digest = hashlib.sha256()
    try:
        with storage.open(upload.key) as file:
            if quick:
                size = file.seek(0, io.SEEK_END)
            else:
                size = sum(map(len, read_chunks(file, digest.update)))
    except ObjectNotFound:
        return "missing"
    if size != upload.size:
        return "wrong-size"
    is_right = quick or f"sha256:{digest.hexdigest()}" == upload.checksum
    return None if is_right else "wrong-checksum"


def _unchanged(upload: UploadRow, engine: Engine) -> bool:
    """Return whether the row still has this key; others delete and replace uploads meanwhile."""
    still = select(Upload.key, Upload.status).where(Upload.id == upload.id, is_kept())
    return read(engine, still) == [(upload.key, upload.status)]


def _change_status(upload: UploadRow, verdict: Verdict, engine: Engine) -> Verdict:
    """Put an upload into quarantine, or release it."""
    if verdict.problem == "quarantined":
        is_done = release_upload(upload, engine=engine)
        return replace(verdict, problem=None, done="released") if is_done else verdict
    if upload.status == "ready" and quarantine_upload(upload, engine=engine):
        return replace(verdict, done="quarantined")
    return verdict
