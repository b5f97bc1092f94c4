"""Change an upload: its fields, its bytes, or both."""

from collections.abc import Callable

from sqlalchemy import Engine

from open_event_uploads.database.rows import check_version
from open_event_uploads.database.statement import Execute
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.changes import (
    NewBytes,
    apply_change,
    check_ready,
    check_values,
    holds,
    is_changed,
    move_bytes,
)
from open_event_uploads.uploads.fields import NO_VALUES, Values
from open_event_uploads.uploads.model import UploadRow
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.uploads.rows import UploadRows, write_uploads
from open_event_uploads.uploads.store import discard, discarded_on_failure, store_file


def update_upload(  # noqa: PLR0913 - what, how, three collaborators and a step of the caller's
    upload: UploadRow,
    *,
    content: IncomingFile | None = None,
    values: Values = NO_VALUES,
    versions: frozenset[int] | None = None,
    engine: Engine,
    storage: Storage,
    processing: Processing,
    before_lock: Callable[[Execute], None] | None = None,
) -> UploadRow:
    """Change an upload in one transaction.

    The same bytes again are no change. Other bytes get a new key, and so a new URL; so does a
    change of who may see them. The old ones are removed once the change is durable.

    Args:
        upload: as it was read.
        content: the new file, or None to keep the present one.
        values: of its fields, by name.
        versions: the upload must be one of these; None for any.
        engine: of the database.
        storage: where the bytes go.
        processing: how new files are processed.
        before_lock: is called in the write, with what runs statements there, unless there is
            nothing to change: for rows that everybody locks before uploads.

    Returns:
        The upload as it is now; the very same object where nothing differs.

    Raises:
        NotFound: it was deleted meanwhile, or its lease ended.
        InvalidAttribute: its lease could not be that; nothing has changed.
        NotReady: it has no bytes that could be moved, or none yet; nothing has changed.
        PreconditionFailed: it is another version; nothing has changed.
        ChangedMeanwhile: its bytes became others while they were being moved; nothing has changed.
        RefusedFile: the new bytes are not acceptable; nothing has changed.
        QuotaExceeded, DailyQuotaExceeded: they are too many for the owner; nothing has changed.
        StorageFull, StorageUnavailable, DatabaseUnavailable: nothing has changed.
        As `before_lock`.
    """
    check_version(upload, versions)
    check_values(upload, values, replaces=content is not None)
    visibility = values.get("visibility", upload.visibility)
    private = visibility == "private"
    new_bytes: NewBytes | None = None
    if content is not None and not holds(upload, content.checksum):
        new_bytes = store_file(content, private=private, storage=storage, processing=processing)
    elif visibility != upload.visibility:
        check_ready(upload)
        new_bytes = move_bytes(upload.key, private=private, engine=engine, storage=storage)
    elif not is_changed(upload, values):
        return upload

    def step(rows: UploadRows) -> tuple[str, UploadRow]:
        if before_lock is not None:
            before_lock(rows.execute)
        current = rows.lock(upload.id)
        check_version(current, versions)
        return current.key, apply_change(rows, current, values, new_bytes)

    with discarded_on_failure(new_bytes.key if new_bytes else None, storage):
        old_key, changed = write_uploads(engine, step, policy=processing.policy)
    if new_bytes:
        discard(old_key, storage)
    return changed
