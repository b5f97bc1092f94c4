"""The bytes behind a URL."""

from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from open_event_uploads.errors import NotFound, ObjectNotFound, StorageUnavailable
from open_event_uploads.models import Upload
from open_event_uploads.storage import Storage


def open_file(key: str, *, session: Session, storage: Storage) -> tuple[Upload, BinaryIO]:
    """Find the upload whose bytes lie under a key, and open them.

    The row is asked first, so what was deleted or replaced is gone at once even where its bytes
    still wait for the sweeper.

    Raises:
        NotFound: no upload has this key.
        StorageUnavailable: one has, and its bytes cannot be read.
    """
    query = select(Upload).where(Upload.key == key, Upload.status == "ready")
    upload = session.scalar(query)
    # The transaction ends before bytes move to a client that may be slow; a rollback would have
    # the row read again at its next use.
    session.expunge_all()
    session.rollback()
    if upload is None:
        raise NotFound("There is no such file.")
    try:
        return upload, storage.open(key)
    except ObjectNotFound:
        return _missing(upload, session)


def _missing(upload: Upload, session: Session) -> tuple[Upload, BinaryIO]:
    """Tell a deletion that came between row and bytes from a loss."""
    still_there = session.scalar(select(Upload.id).where(Upload.key == upload.key))
    session.rollback()
    if still_there is None:
        raise NotFound("There is no such file.")
    raise StorageUnavailable("The file's bytes are missing.", headers={"Retry-After": "60"})
