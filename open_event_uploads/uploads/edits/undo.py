"""Undo an edit: an edit of its own, which sets what the uploads had before."""

from functools import partial

from sqlalchemy import Engine

from open_event_uploads.database.rows import lock, update
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.write import write
from open_event_uploads.errors import InvalidRequest
from open_event_uploads.uploads.edits.begin import insert_edit
from open_event_uploads.uploads.edits.find import find_edit, read_edited
from open_event_uploads.uploads.edits.model import CHANGED, EditRow


def begin_undo(edit_id: str, *, user_id: str, engine: Engine) -> EditRow:
    """Begin to undo an edit; what it has not changed yet it never will.

    An upload gets its former values only as long as it has the version that the edit made: what
    anybody changed since stays.

    Args:
        edit_id: of the edit.
        user_id: of the admin whose edit it is.
        engine: of the database.

    Returns:
        The edit that undoes it, for `run_edit`.

    Raises:
        NotFound: as of `find_edit`.
        InvalidRequest: it was undone before, or has changed nothing.
    """
    return write(engine, partial(_begin, edit_id, user_id))


def _begin(edit_id: str, user_id: str, execute: Execute) -> EditRow:
    lock(execute, EditRow, edit_id)
    edit = find_edit(edit_id, user_id, execute)
    if edit.undone or edit.undoes:
        raise InvalidRequest("This change was undone before.")
    changes = [
        # The edit has added one to the version.
        {"upload_id": each.upload_id, "version": each.version + 1, "attributes": each.former}
        for each in read_edited(edit_id, CHANGED, source=execute)
    ]
    if not changes:
        raise InvalidRequest("This change has changed nothing.")
    update(execute, edit, {"undone": True})
    values = {"user_id": user_id, "attributes": {}, "undoes": edit_id}
    return insert_edit(values, changes, execute)
