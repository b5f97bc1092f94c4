"""An upload goes, and its bytes with it."""

from sqlalchemy.orm import Session

from open_event_uploads.errors import NotFound
from open_event_uploads.models import Upload
from open_event_uploads.models.transaction import write_transaction
from open_event_uploads.services.store_image import discard
from open_event_uploads.storage import Storage


def delete_upload(upload_id: str, *, session: Session, storage: Storage) -> None:
    """Remove the row, then the bytes: in this order a crash leaves an orphan at most.

    Raises:
        NotFound: there is no such upload, or not any more.
        DatabaseUnavailable: nothing has changed.
    """
    with write_transaction(session):
        upload = session.get(Upload, upload_id, populate_existing=True, with_for_update=True)
        if upload is None:
            raise NotFound("There is no such upload.")
        key = upload.key
        session.delete(upload)
    discard(key, storage)
