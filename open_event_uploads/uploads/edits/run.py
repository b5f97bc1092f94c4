"""Change the uploads of an edit, one transaction for each, until all are done or time is over.

What became of an upload is written in the transaction that changes it. So a program that is killed
leaves an edit that can be continued, and two that run the same edit change no upload twice.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from open_event_uploads.database.rows import lock, update
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import now
from open_event_uploads.database.write import write
from open_event_uploads.errors import (
    ChangedMeanwhile,
    ManyErrors,
    NotFound,
    PreconditionFailed,
    UploadsError,
)
from open_event_uploads.uploads.edits.context import EditContext
from open_event_uploads.uploads.edits.find import read_edited
from open_event_uploads.uploads.edits.former_attributes import former_attributes
from open_event_uploads.uploads.edits.model import (
    CHANGED,
    LIFETIME,
    REFUSED,
    SAME,
    WAITING,
    EditedUploadRow,
    EditRow,
)
from open_event_uploads.uploads.rows import read_upload
from open_event_uploads.uploads.schema import read_values
from open_event_uploads.uploads.update import update_upload


class _Settled(Exception):
    """Raised when another request has dealt with an upload, or has undone the edit."""


def run_edit(edit: EditRow, context: EditContext, *, seconds: float) -> None:
    """Change the uploads that wait.

    Args:
        edit: with its attributes.
        context: the database, the storage and the quotas.
        seconds: after which no further upload is begun; at least one is tried.

    Raises:
        StorageFull, StorageUnavailable, DatabaseUnavailable, ReadOnly: the rest waits.
    """
    ends = time.monotonic() + seconds
    write(context.engine, partial(_prolong, edit.id))
    for each in read_edited(edit.id, WAITING, source=context.engine):
        with suppress(_Settled):
            _change(edit, each, context)
        if time.monotonic() >= ends:
            return


def _change(edit: EditRow, item: EditedUploadRow, context: EditContext) -> None:
    """Change one upload, and note what became of it."""
    try:
        upload = read_upload(context.engine, item.upload_id)
        if upload is None:
            raise NotFound("It was deleted meanwhile.")
        values = read_values(item.attributes or edit.attributes or {})
        noted = {"outcome": CHANGED, "former": former_attributes(upload, values)}
        changed = update_upload(
            upload,
            values=values,
            versions=frozenset({item.version}),
            engine=context.engine,
            storage=context.storage,
            processing=context.processing,
            before_lock=partial(_settle, item, noted),
        )
        if changed is upload:
            write(context.engine, partial(_settle, item, {"outcome": SAME}))
    except (UploadsError, ManyErrors) as error:
        if isinstance(error, UploadsError) and error.is_of_server:
            raise
        reason = " ".join(map(context.explain, _problems(error)))
        write(context.engine, partial(_settle, item, {"outcome": REFUSED, "reason": reason}))


def _problems(error: UploadsError | ManyErrors) -> Sequence[UploadsError]:
    if isinstance(error, PreconditionFailed):  # it speaks of header fields
        return [ChangedMeanwhile("It was changed meanwhile.")]
    return error.errors if isinstance(error, ManyErrors) else [error]


def _settle(item: EditedUploadRow, changes: Mapping[str, Any], execute: Execute) -> None:
    """Note what becomes of an upload, unless that is settled.

    Raises:
        _Settled: it was dealt with before, or the edit was undone or has ended.
    """
    edit = lock(execute, EditRow, item.edit_id)
    row = lock(execute, EditedUploadRow, item.edit_id, item.number)
    if edit is None or edit.undone or row is None or row.outcome != WAITING:
        raise _Settled
    update(execute, row, changes)


def _prolong(edit_id: str, execute: Execute) -> None:
    edit = lock(execute, EditRow, edit_id)
    if edit is not None:
        update(execute, edit, {"expires_at": now() + LIFETIME})
