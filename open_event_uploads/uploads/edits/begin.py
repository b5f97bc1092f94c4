"""Begin an edit: note which uploads are to be changed, and the version of each."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from open_event_uploads.database import rows
from open_event_uploads.database.read import read
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import now
from open_event_uploads.database.write import write
from open_event_uploads.errors import InvalidRequest, InvalidToken
from open_event_uploads.uploads.edits.model import (
    MAX_EDITS,
    MAX_UPLOADS,
    Edit,
    EditedUpload,
    EditedUploadRow,
    EditRow,
)
from open_event_uploads.uploads.model import UploadColumns


def begin_edit(uploads: Iterable[UploadColumns], *, user_id: str, engine: Engine) -> EditRow:
    """Note which uploads an admin wants to change, as they are now.

    Args:
        uploads: at least one, in the order in which they are to be changed.
        user_id: of the admin.
        engine: of the database.

    Raises:
        InvalidRequest: they are none, or too many.
        InvalidToken: the admin's account was deleted meanwhile.
    """
    changes = [{"upload_id": each.id, "version": each.version} for each in uploads]
    if not changes:
        raise InvalidRequest("No upload was chosen, or none of them is there any more.")
    InvalidRequest.raise_beyond(
        MAX_UPLOADS,
        len(changes),
        "These are too many uploads to be changed together. Choose fewer, or filter them further.",
    )
    return write(engine, partial(insert_edit, {"user_id": user_id}, changes))


def insert_edit(
    values: Mapping[str, Any], changes: Iterable[Mapping[str, Any]], execute: Execute
) -> EditRow:
    """Insert an edit, and remove edits that have ended or are too many.

    Args:
        values: of its columns.
        changes: columns of the uploads in it, in their order.
        execute: runs statements in the write.

    Raises:
        InvalidToken: the admin's account was deleted meanwhile.
    """
    _remove_others(values["user_id"], execute)
    try:
        edit = rows.insert(execute, EditRow, values)
    except IntegrityError:  # the only constraint that a new row can break
        raise InvalidToken from None
    execute(
        insert(EditedUpload),
        [
            rows.complete_values(EditedUploadRow, {**each, "edit_id": edit.id, "number": number})
            for number, each in enumerate(changes)
        ],
    )
    return edit


def remove_ended(*, engine: Engine) -> None:
    """Remove the edits of everybody that cannot be undone any more."""
    write(engine, lambda execute: execute(delete(Edit).where(Edit.expires_at <= now())))


def _remove_others(user_id: str, execute: Execute) -> None:
    execute(delete(Edit).where(Edit.expires_at <= now()))
    of_user = select(Edit.id).where(Edit.user_id == user_id)
    newest = of_user.order_by(Edit.created_at.desc(), Edit.id.desc())
    surplus = [id_ for (id_,) in read(execute, newest.offset(MAX_EDITS - 1).limit(MAX_EDITS))]
    execute(delete(Edit).where(Edit.id.in_(surplus)))
