"""What a client has sent to the storage past us is looked at, and handed out."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO

from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import within, write_transaction
from open_event_uploads.database.types import now
from open_event_uploads.errors import (
    ChangedMeanwhile,
    InvalidAttribute,
    NotReady,
    ObjectNotFound,
)
from open_event_uploads.fault_points import reach
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.fields import Values
from open_event_uploads.uploads.lease import check_lease
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.uploads.quota import Ledger, count_bytes
from open_event_uploads.uploads.store import StoredFile, discard, discarded_on_failure, store_file
from open_event_uploads.uploads.update import apply, check_version, locked

_CHUNK_BYTES = 1024 * 1024


def publish_upload(  # noqa: PLR0913 - what, how, and three collaborators
    upload: Upload,
    *,
    changes: Values,
    versions: frozenset[int] | None = None,
    session: Session,
    storage: Storage,
    processing: Processing,
) -> Upload:
    """Read what has come once, judge it like any file, and store what was read under a fresh key.

    The client may write to the key it was given for a while yet; what it writes there after this
    is nobody's, and the sweeper's.

    Args:
        upload: a pending one, as it was read.
        changes: what else is wished.
        versions: the upload must be one of these; None for any.
        session: has no transaction under way that matters; it is rolled back first.
        storage: where the bytes are, and go.
        processing: how files that come in are processed.

    Returns:
        The upload as it is now: ready.

    Raises:
        NotReady: no bytes have come, and it stays pending; or it is rejected already.
        InvalidAttribute: they are of another size or checksum than was announced: it is rejected.
            Or its lease could not be that: it stays pending.
        RefusedFile: they are not acceptable; it is rejected.
        NotFound: it was deleted meanwhile, or waited too long.
        PreconditionFailed: it is another version; it stays pending.
        ChangedMeanwhile: somebody else has published it, or it was refused.
        QuotaExceeded: they are too many for the owner; it stays pending.
        StorageFull, StorageUnavailable, DatabaseUnavailable: it stays pending.
    """
    # No transaction is open while bytes move; a rollback would have the row read again at its
    # next use.
    session.expunge_all()
    session.rollback()
    check_version(upload, versions)
    _check_pending(upload)
    expires_at = _lease_of(upload, changes, processing.lease)
    changes = {**changes, "expires_at": expires_at}
    private = changes.get("visibility", upload.visibility) == "private"
    try:
        with _arrived(upload, storage) as file:
            reach("publish.read")
            stored = store_file(file, private=private, storage=storage, processing=processing)
    except InvalidAttribute as error:
        _reject(upload, error, session)
        discard(upload.key, storage)
        raise
    with discarded_on_failure(stored.key, storage), write_transaction(session):
        current = _locked_pending(upload, session)
        check_version(current, versions)
        _publish(current, changes, stored, session, processing)
    discard(upload.key, storage)
    return current


def _check_pending(upload: Upload) -> None:
    if upload.status != "pending":
        reason = (upload.refusal or {}).get("detail", "")
        raise NotReady(f"The upload is {upload.status}. {reason}".rstrip())


def _lease_of(upload: Upload, changes: Values, lease: timedelta | None) -> datetime | None:
    """Until when it is kept once it is published; what it waits until is echoed by clients.

    Raises:
        InvalidAttribute: that could not be.
    """
    wished = changes.get("expires_at", upload.expires_at)
    if wished is None:
        return None
    if isinstance(wished, datetime) and wished != upload.expires_at:
        check_lease(wished)
        return wished
    return upload.kept_until or (now() + lease if lease is not None else None)


@contextmanager
def _arrived(upload: Upload, storage: Storage) -> Iterator[IncomingFile]:
    """The bytes that have come, if they are those that were announced.

    Raises:
        NotReady: there are none.
        InvalidAttribute: they are others.
    """
    try:
        with storage.open(upload.key) as reader:
            _check_size(upload, reader)
            file = IncomingFile.receive(iter(partial(reader.read, _CHUNK_BYTES), b""))
    except ObjectNotFound:
        raise NotReady("Its bytes have not come; send them, then ask again.") from None
    with file:
        if file.checksum != upload.checksum:
            raise InvalidAttribute(
                f"The bytes that came have the checksum {file.checksum}.", attribute="checksum"
            )
        yield file


def _check_size(upload: Upload, reader: BinaryIO) -> None:
    """Judged before they are read: a storage need not keep to what it has signed."""
    size = reader.seek(0, os.SEEK_END)
    reader.seek(0)
    if size != upload.size:
        raise InvalidAttribute(
            f"{size} bytes came; {upload.size} were announced.",
            attribute="size",
            limit=upload.size,
            actual=size,
        )


def _reject(upload: Upload, error: InvalidAttribute, session: Session) -> None:
    said = {"code": error.code, "title": error.title, "detail": error.detail}
    numbers = {"limit": error.limit, "actual": error.actual}
    meta = {name: value for name, value in numbers.items() if value is not None}
    with write_transaction(session):
        current = _locked_pending(upload, session)
        current.status = "rejected"
        current.refusal = {**said, "meta": meta} if meta else said


def _publish(
    upload: Upload, changes: Values, stored: StoredFile, session: Session, processing: Processing
) -> None:
    # What was announced has been counted as sent; what was taken out of it is counted no more.
    shrunk = upload.size - stored.size
    apply(upload, changes, stored)
    upload.kept_until = None
    session.flush()
    ledger = Ledger.of(upload.owner_id, removed=shrunk)
    count_bytes(ledger, execute=within(session), policy=processing.policy)


def _locked_pending(upload: Upload, session: Session) -> Upload:
    """The upload as it is in this transaction: still pending, and its bytes where they were.

    Raises:
        NotFound: it is there no more.
        ChangedMeanwhile: it was judged by another request.
    """
    current = locked(upload.id, session)
    if (current.status, current.key) != ("pending", upload.key):
        raise ChangedMeanwhile(f"The upload is {current.status} meanwhile.")
    return current
