"""Withhold an upload whose bytes are lost or damaged, until it has them again."""

from sqlalchemy import Engine

from open_event_uploads.errors import NotFound
from open_event_uploads.uploads.model import UploadColumns
from open_event_uploads.uploads.rows import UploadRows, write_uploads


def quarantine_upload(upload: UploadColumns, *, engine: Engine) -> bool:
    """Withhold an upload's bytes; everything else about it stays.

    Args:
        upload: as it was when its bytes were looked at.
        engine: of the database.

    Returns:
        Whether that was done: not where it has other bytes by now, or none at all.
    """
    return _set_status(upload, "quarantined", engine)


def release_upload(upload: UploadColumns, *, engine: Engine) -> bool:
    """Hand an upload's bytes out again, since they have been found to be right.

    Args:
        upload: as it was when its bytes were looked at.
        engine: of the database.

    Returns:
        Whether that was done: not where it has other bytes by now, or none at all.
    """
    return _set_status(upload, "ready", engine)


def _set_status(upload: UploadColumns, status: str, engine: Engine) -> bool:
    def step(rows: UploadRows) -> bool:
        try:
            current = rows.lock(upload.id)
        except NotFound:
            return False
        if (current.key, current.status) != (upload.key, upload.status):
            return False
        rows.update(current, {"status": status})
        return True

    return write_uploads(engine, step)
