"""An upload goes, and its bytes with it."""

from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import within, write_transaction
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.quota import Ledger, count_bytes
from open_event_uploads.uploads.store import discard
from open_event_uploads.uploads.update import check_version, locked


def delete_upload(
    upload_id: str,
    *,
    versions: frozenset[int] | None = None,
    session: Session,
    storage: Storage,
) -> None:
    """Remove the row, then the bytes: in this order a crash leaves an orphan at most.

    Args:
        upload_id: which.
        versions: it must be one of these; None for any.
        session: for the row.
        storage: for the bytes.

    Raises:
        NotFound: there is no such upload, or not any more.
        PreconditionFailed: it is another version; nothing has changed.
        DatabaseUnavailable: nothing has changed.
    """
    with write_transaction(session):
        upload = locked(upload_id, session)
        check_version(upload, versions)
        key = upload.key
        session.delete(upload)
        count_bytes(Ledger.of(upload.owner_id, removed=upload.size), execute=within(session))
    discard(key, storage)
