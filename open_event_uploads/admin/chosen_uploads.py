"""Read the uploads that an admin chose in the list."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from sqlalchemy import select

from open_event_uploads.admin.read_form import read_form
from open_event_uploads.admin.saved_filters.read import SAVED
from open_event_uploads.admin.upload_filters import read_selection
from open_event_uploads.admin.upload_page import SIZES, read_selected
from open_event_uploads.context import db
from open_event_uploads.database.read import read
from open_event_uploads.database.types import is_id
from open_event_uploads.uploads.edits.model import MAX_UPLOADS
from open_event_uploads.uploads.model import Upload, UploadRow, is_kept


def read_chosen() -> list[UploadRow]:
    """Return the uploads whose boxes are ticked, at most those of one page."""
    chosen = [each for each in dict.fromkeys(read_form().getlist("id")) if is_id(each)]
    return read_uploads(chosen[: SIZES[-1]])


def read_all() -> list[UploadRow]:
    """Return the uploads that the list's filter selects, one more than can be changed together.

    Raises:
        InvalidParameter: the filter cannot be read.
    """
    sent = parse_qsl(read_form().get("filter", ""))
    fields = {name: value for name, value in sent if name in SAVED}
    selection = read_selection(fields, engine=db.engine)
    for problem in selection.problems:
        raise problem
    return read_selected(fields, selection.conditions, limit=MAX_UPLOADS + 1, engine=db.engine)


def read_uploads(ids: Iterable[str]) -> list[UploadRow]:
    """Return uploads in this order, without those that are gone."""
    ids = list(ids)
    query = select(Upload).where(Upload.id.in_(ids), is_kept())
    found = {each.id: each for each in read(db.engine, query, UploadRow)}
    return [found[id_] for id_ in ids if id_ in found]
