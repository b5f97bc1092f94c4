"""Create an upload from a file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import new_ordered_id, now
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.fields import NO_VALUES, Values
from open_event_uploads.uploads.lease import check_lease
from open_event_uploads.uploads.model import UploadRow
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.uploads.rows import UploadRows, write_uploads
from open_event_uploads.uploads.store import StoredFile, discarded_on_failure, store_file


@dataclass(frozen=True, slots=True)
class CreatedUpload:
    """A new upload.

    Args:
        upload: its row.
        removed: the names of the metadata that was taken out of the file.
    """

    upload: UploadRow
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """The identity that an imported upload brings along.

    Args:
        id: of the upload; None for a new one.
        created_at: when it was made; None for now.
    """

    id: str | None = None
    created_at: datetime | None = None


def create_upload(  # noqa: PLR0913 - what, whose, three collaborators and a step of the caller's
    *,
    content: IncomingFile,
    values: Values = NO_VALUES,
    owner_id: str | None = None,
    origin: Origin | None = None,
    reserved: int = 0,
    engine: Engine,
    storage: Storage,
    processing: Processing,
    before_commit: Callable[[Execute, CreatedUpload], None] | None = None,
) -> CreatedUpload:
    """Store a file and the row that describes it.

    The bytes are durable before any transaction opens, so a crash leaves an orphan at most.

    Args:
        content: the file, whole.
        values: of the upload's fields, by name.
        owner_id: whose it is; None for no owner.
        origin: what it keeps of an upload elsewhere.
        reserved: how many of its bytes have been counted for its owner before.
        engine: of the database.
        storage: where the bytes go.
        processing: how new files are processed.
        before_commit: is called in the write, with what runs statements there and with what is
            returned.

    Raises:
        InvalidAttribute: its lease could not be that; nothing is stored.
        RefusedFile: the bytes are not acceptable; nothing is stored.
        InvalidToken: the owner's account was deleted meanwhile; nothing is stored.
        QuotaExceeded, DailyQuotaExceeded: they are too many for this user; nothing is stored.
        StorageFull, StorageUnavailable, DatabaseUnavailable: nothing is stored.
    """
    check_lease(values.get("expires_at"))
    private = values.get("visibility") == "private"
    stored = store_file(content, private=private, storage=storage, processing=processing)
    columns = new_columns(stored, values, owner_id=owner_id, lease=processing.lease, origin=origin)

    def step(rows: UploadRows) -> CreatedUpload:
        created = CreatedUpload(rows.insert(columns, reserved=reserved), stored.removed)
        if before_commit is not None:
            before_commit(rows.execute, created)
        return created

    with discarded_on_failure(stored.key, storage):
        return write_uploads(engine, step, policy=processing.policy)


def new_columns(
    stored: StoredFile,
    values: Values,
    *,
    owner_id: str | None,
    lease: timedelta | None,
    origin: Origin | None = None,
) -> dict[str, Any]:
    """Return the columns of a new upload that are not their defaults.

    Args:
        stored: the file.
        values: of the upload's fields, by name.
        owner_id: whose it is; None for no owner.
        lease: how long it is kept where the client sets no end; None for good.
        origin: what it keeps of an upload elsewhere.
    """
    moment, origin = now(), origin or Origin()
    ends_at = None if lease is None else moment + lease
    return {
        **values,
        **stored.columns(),
        "filename": values.get("filename") or f"upload.{stored.format.extension}",
        "expires_at": values.get("expires_at") or ends_at,
        "owner_id": owner_id,
        "id": origin.id or new_ordered_id(),
        "created_at": origin.created_at or moment,
        "updated_at": moment,
    }
