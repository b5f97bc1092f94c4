"""An upload whose bytes are lost or damaged is withheld, until it has them again."""

from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import write_transaction
from open_event_uploads.uploads.model import Upload, find_upload


def quarantine_upload(upload: Upload, *, session: Session) -> bool:
    """Hand out an upload's bytes no more; everything else about it stays.

    Args:
        upload: as it was when its bytes were looked at.
        session: for its row.

    Returns:
        Whether that was done: not where it has other bytes by now, or none at all.
    """
    return _set_status(upload, "quarantined", session)


def release_upload(upload: Upload, *, session: Session) -> bool:
    """Hand them out again, since they have been found to be right.

    Args:
        upload: as it was when its bytes were looked at.
        session: for its row.

    Returns:
        Whether that was done: not where it has other bytes by now, or none at all.
    """
    return _set_status(upload, "ready", session)


def _set_status(upload: Upload, status: str, session: Session) -> bool:
    with write_transaction(session):
        current = find_upload(upload.id, session, populate_existing=True, with_for_update=True)
        if current is None or (current.key, current.status) != (upload.key, upload.status):
            return False
        current.status = status
    return True
