"""Publish a direct upload: check the bytes that its client sent to the storage."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO

from sqlalchemy import Engine

from open_event_uploads.database.rows import check_version
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
from open_event_uploads.uploads.changes import changed_columns
from open_event_uploads.uploads.fields import Values
from open_event_uploads.uploads.lease import check_lease
from open_event_uploads.uploads.model import UploadColumns, UploadRow
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.uploads.rows import UploadRows, write_uploads
from open_event_uploads.uploads.store import discard, discarded_on_failure, store_file

_CHUNK_BYTES = 1024 * 1024


def publish_upload(  # noqa: PLR0913 - what, how, and three collaborators
    upload: UploadColumns,
    *,
    changes: Values,
    versions: frozenset[int] | None = None,
    engine: Engine,
    storage: Storage,
    processing: Processing,
) -> UploadRow:
    """Read the bytes once, check them like any file, and store what was read under a new key.

    The client may write to the key it was given for a while yet; what it writes there from now on
    is an orphan, which the sweeper removes.

    Args:
        upload: a pending one, as it was read.
        changes: of its fields, by name.
        versions: the upload must be one of these; None for any.
        engine: of the database.
        storage: where the bytes are, and go.
        processing: how new files are processed.

    Returns:
        The upload as it is now: ready.

    Raises:
        NotReady: no bytes have arrived, and it stays pending; or it is rejected already.
        InvalidAttribute: they are of another size or checksum than was announced: it is rejected.
            Or its lease could not be that: it stays pending.
        RefusedFile: they are not acceptable; it is rejected.
        NotFound: it was deleted meanwhile, or waited too long.
        PreconditionFailed: it is another version; it stays pending.
        ChangedMeanwhile: another request has published it, or it was rejected.
        QuotaExceeded: they are too many for the owner; it stays pending.
        StorageFull, StorageUnavailable, DatabaseUnavailable: it stays pending.
    """
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
        _reject(upload, error, engine)
        discard(upload.key, storage)
        raise

    def step(rows: UploadRows) -> UploadRow:
        current = _lock_pending(rows, upload)
        check_version(current, versions)
        # The announced bytes have been counted as sent.
        return rows.update(current, {**changed_columns(changes, stored), "kept_until": None})

    with discarded_on_failure(stored.key, storage):
        published = write_uploads(engine, step, policy=processing.policy)
    discard(upload.key, storage)
    return published


def _check_pending(upload: UploadColumns) -> None:
    if upload.status != "pending":
        reason = (upload.refusal or {}).get("detail", "")
        raise NotReady(f"The upload is {upload.status}. {reason}".rstrip())


def _lease_of(upload: UploadColumns, changes: Values, lease: timedelta | None) -> datetime | None:
    """Return the end of the lease of a published upload; clients may echo that of a pending one.

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
def _arrived(upload: UploadColumns, storage: Storage) -> Iterator[IncomingFile]:
    """Provide the bytes that have arrived, if they are those that were announced.

    Raises:
        NotReady: there are none.
        InvalidAttribute: they are others.
    """
    try:
        with storage.open(upload.key) as reader:
            _check_size(upload, reader)
            file = IncomingFile.receive(iter(partial(reader.read, _CHUNK_BYTES), b""))
    except ObjectNotFound:
        raise NotReady(
            "The bytes have not arrived; send them, then publish the upload again."
        ) from None
    with file:
        if file.checksum != upload.checksum:
            raise InvalidAttribute(
                f"The bytes that arrived have the checksum {file.checksum}.", attribute="checksum"
            )
        yield file


def _check_size(upload: UploadColumns, reader: BinaryIO) -> None:
    """Check the size before the bytes are read: a storage may accept more than was signed."""
    size = reader.seek(0, os.SEEK_END)
    reader.seek(0)
    if size != upload.size:
        raise InvalidAttribute(
            f"{size} bytes arrived; {upload.size} were announced.",
            attribute="size",
            limit=upload.size,
            actual=size,
        )


def _reject(upload: UploadColumns, error: InvalidAttribute, engine: Engine) -> None:
    refusal = {"code": error.code, "title": error.title, "detail": error.detail}
    numbers = {"limit": error.limit, "actual": error.actual}
    meta = {name: value for name, value in numbers.items() if value is not None}
    columns = {"status": "rejected", "refusal": {**refusal, "meta": meta} if meta else refusal}
    write_uploads(engine, lambda rows: rows.update(_lock_pending(rows, upload), columns))


def _lock_pending(rows: UploadRows, upload: UploadColumns) -> UploadRow:
    """Lock an upload that is still pending, with its bytes where they were.

    Raises:
        NotFound: it was deleted.
        ChangedMeanwhile: another request has published or rejected it.
    """
    current = rows.lock(upload.id)
    if (current.status, current.key) != ("pending", upload.key):
        raise ChangedMeanwhile(
            f"Another request has changed the upload; it is {current.status} now."
        )
    return current
