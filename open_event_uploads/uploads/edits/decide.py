"""Decide, once, what all uploads of an edit get."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import Engine

from open_event_uploads.database.rows import lock, update
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.write import write
from open_event_uploads.errors import InvalidRequest
from open_event_uploads.uploads.edits.find import find_edit
from open_event_uploads.uploads.edits.model import EditRow
from open_event_uploads.uploads.schema import read_values


def decide_edit(
    edit_id: str, attributes: Mapping[str, Any], *, user_id: str, engine: Engine
) -> EditRow:
    """Write down what all uploads of an edit get.

    Args:
        edit_id: of an edit that was begun.
        attributes: as in a document.
        user_id: of the admin whose edit it is.
        engine: of the database.

    Raises:
        ManyErrors: an attribute is not valid.
        NotFound: as of `find_edit`.
        InvalidRequest: it was decided before, differently; or nothing is to be changed.
    """
    if not attributes:
        raise InvalidRequest("Nothing is to be changed yet. Fill in what the uploads are to get.")
    read_values(attributes)
    return write(engine, partial(_decide, edit_id, dict(attributes), user_id))


def _decide(edit_id: str, attributes: dict[str, Any], user_id: str, execute: Execute) -> EditRow:
    lock(execute, EditRow, edit_id)
    edit = find_edit(edit_id, user_id, execute)
    if edit.attributes not in (None, attributes):
        raise InvalidRequest("This change has begun with other values. Choose the uploads again.")
    return update(execute, edit, {"attributes": attributes})
