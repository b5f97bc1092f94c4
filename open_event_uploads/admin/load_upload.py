"""Load the upload that a page is about, and the names of those who own uploads."""

from collections.abc import Iterable

from sqlalchemy import select

from open_event_uploads.accounts.user import User
from open_event_uploads.context import db
from open_event_uploads.database.read import read
from open_event_uploads.errors import NotFound
from open_event_uploads.uploads.model import UploadRow
from open_event_uploads.uploads.rows import read_upload


def load_upload(id_: str) -> UploadRow:
    """Return an upload.

    Raises:
        NotFound: there is none.
    """
    found = read_upload(db.engine, id_)
    if found is None:
        raise NotFound("There is no upload with this id; somebody may have deleted it.")
    return found


def load_owner_names(uploads: Iterable[UploadRow]) -> dict[str, str]:
    """Return the names of the owners of uploads, by their ids."""
    ids = {each.owner_id for each in uploads if each.owner_id}
    named = select(User.id, User.name).where(User.id.in_(ids))
    return dict(read(db.engine, named)) if ids else {}
