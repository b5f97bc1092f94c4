"""Change one upload, so that it can be undone."""

from collections.abc import Mapping
from typing import Any

from open_event_uploads.database.statement import Execute
from open_event_uploads.uploads.edits.begin import insert_edit
from open_event_uploads.uploads.edits.context import EditContext
from open_event_uploads.uploads.edits.former_attributes import former_attributes
from open_event_uploads.uploads.edits.model import CHANGED, EditRow
from open_event_uploads.uploads.model import UploadRow
from open_event_uploads.uploads.schema import read_values
from open_event_uploads.uploads.update import update_upload


def edit_upload(
    upload: UploadRow,
    attributes: Mapping[str, Any],
    *,
    versions: frozenset[int] | None,
    user_id: str,
    context: EditContext,
) -> EditRow | None:
    """Change the fields of an upload.

    Args:
        upload: as it was read; what anybody changes after that is not overwritten.
        attributes: as in a document.
        versions: the upload must be one of these, too; None for any.
        user_id: of the admin who changes it.
        context: the database, the storage and the quotas.

    Returns:
        The edit, to be undone; None if nothing has changed.

    Raises:
        ManyErrors: an attribute is not valid; nothing has changed.
        As of `update_upload`.
    """
    values = read_values(attributes)
    former = former_attributes(upload, values)
    begun = list[EditRow]()

    def note(execute: Execute) -> None:
        item = {"version": upload.version, "outcome": CHANGED, "former": former}
        edit = {"user_id": user_id, "attributes": dict(attributes)}
        begun.append(insert_edit(edit, [{"upload_id": upload.id, **item}], execute))

    update_upload(
        upload,
        values=values,
        versions=frozenset({upload.version}) if versions is None else versions,
        engine=context.engine,
        storage=context.storage,
        processing=context.processing,
        before_lock=note,
    )
    return begun[-1] if begun else None
