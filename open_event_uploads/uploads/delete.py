"""Delete an upload and its bytes."""

from sqlalchemy import Engine

from open_event_uploads.database.rows import check_version
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.rows import UploadRows, write_uploads
from open_event_uploads.uploads.store import discard


def delete_upload(
    upload_id: str,
    *,
    versions: frozenset[int] | None = None,
    engine: Engine,
    storage: Storage,
) -> None:
    """Delete the row, then the bytes: in this order a crash leaves an orphan at most.

    Args:
        upload_id: of the upload.
        versions: it must be one of these; None for any.
        engine: of the database.
        storage: for the bytes.

    Raises:
        NotFound: there is no such upload, or not any more.
        PreconditionFailed: it is another version; nothing has changed.
        DatabaseUnavailable: nothing has changed.
    """

    def step(rows: UploadRows) -> str:
        upload = rows.lock(upload_id)
        check_version(upload, versions)
        rows.delete(upload)
        return upload.key

    discard(write_uploads(engine, step), storage)
