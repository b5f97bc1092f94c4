"""Load the upload that a page is about, or answer that there is none."""

from open_event_uploads.context import db
from open_event_uploads.errors import NotFound
from open_event_uploads.uploads.model import Upload, UploadRow, find_upload
from open_event_uploads.uploads.rows import read_upload


def load_upload(id_: str) -> Upload:
    """Return an upload by the ORM, because the page shows it with its owner.

    Raises:
        NotFound: there is none.
    """
    found = find_upload(id_, db.session())
    if found is None:
        raise _not_found()
    return found


def load_upload_row(id_: str) -> UploadRow:
    """Return the row of an upload that is about to be changed.

    Raises:
        NotFound: there is none.
    """
    found = read_upload(db.engine, id_)
    if found is None:
        raise _not_found()
    return found


def _not_found() -> NotFound:
    return NotFound("There is no upload with this id; somebody may have deleted it.")
