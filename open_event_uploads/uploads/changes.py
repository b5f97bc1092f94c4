"""Check a change of an upload, and apply it to the row."""

from sqlalchemy import Engine

from open_event_uploads.errors import (
    ChangedMeanwhile,
    NotReady,
    ObjectNotFound,
    StorageUnavailable,
)
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.fields import FIELDS, Values
from open_event_uploads.uploads.lease import check_lease
from open_event_uploads.uploads.model import UNPUBLISHED, UploadColumns, UploadRow
from open_event_uploads.uploads.rows import UploadRows, has_key
from open_event_uploads.uploads.store import MovedFile, StoredFile, move_file, visibility_of

# The bytes that a change brings, durable already.
NewBytes = StoredFile | MovedFile

_CHANGED = "The upload was replaced or moved meanwhile; send the request again."


def check_values(upload: UploadColumns, values: Values, *, replaces: bool) -> None:
    """Make sure that an upload may get these values.

    Args:
        upload: as it is.
        values: of its fields, by name.
        replaces: whether it gets other bytes, too.

    Raises:
        NotReady: it is a direct upload that is not published: it has no lease, and no bytes to
            replace or to move.
        InvalidAttribute: its lease could not be that.
    """
    waiting = [each.name for each in FIELDS if each.waits and _differs(upload, values, each.name)]
    if upload.status in UNPUBLISHED and (replaces or waiting):
        free = ", ".join(f"`{each.attribute}`" for each in FIELDS if not each.waits)
        raise NotReady(f"The upload is {upload.status}; until it is published only {free} change.")
    if _differs(upload, values, "expires_at"):
        check_lease(values["expires_at"])


def check_ready(upload: UploadColumns) -> None:
    """Make sure that an upload has bytes to move, or to show to anybody.

    Raises:
        NotReady: it has none.
    """
    if upload.status != "ready":
        raise NotReady(f"The upload is {upload.status}; send its file again first.")


def holds(upload: UploadColumns, checksum: str) -> bool:
    """Return whether an upload's bytes are these: as they were sent, or as they are served.

    A quarantined upload holds nothing: the same bytes again heal it.
    """
    return upload.status == "ready" and checksum in {upload.received_checksum, upload.checksum}


def move_bytes(key: str, *, private: bool, engine: Engine, storage: Storage) -> MovedFile:
    """Copy an upload's bytes to another key.

    Raises:
        ChangedMeanwhile: another request has done so first.
        StorageUnavailable: they are lost.
    """
    try:
        return move_file(key, private=private, storage=storage)
    except ObjectNotFound:
        if not has_key(engine, key):
            raise ChangedMeanwhile(_CHANGED) from None
        raise StorageUnavailable("The file's bytes are missing.") from None


def is_changed(upload: UploadColumns, values: Values) -> bool:
    """Return whether values are others than an upload has."""
    return any(_differs(upload, values, name) for name in values)


def apply_change(
    rows: UploadRows, upload: UploadRow, values: Values, new_bytes: NewBytes | None
) -> UploadRow:
    """Change the row of an upload; its version stays where nothing differs.

    Args:
        rows: of the write.
        upload: as it is in this write.
        values: of its fields, by name.
        new_bytes: its other bytes; None where it keeps what it has.

    Returns:
        The row as it is now; the very same object where nothing differs.

    Raises:
        NotReady, InvalidAttribute: as `check_values`.
        ChangedMeanwhile: it was replaced or moved since its bytes were made durable.
    """
    check_values(upload, values, replaces=new_bytes is not None)
    _check_bytes(upload, values, new_bytes)
    sent = new_bytes.size if isinstance(new_bytes, StoredFile) else 0
    return rows.update(upload, changed_columns(values, new_bytes), sent=sent)


def changed_columns(values: Values, new_bytes: NewBytes | None) -> dict[str, object]:
    """Return the columns that a change sets; the key of the bytes decides who may see them."""
    columns = {name: value for name, value in values.items() if name != "visibility"}
    return {**columns, **(new_bytes.columns() if new_bytes else {})}


def _check_bytes(upload: UploadRow, values: Values, new_bytes: NewBytes | None) -> None:
    """Make sure that the bytes still fit the upload.

    Without this, a file that one request makes private while another replaces its bytes would be
    public again.
    """
    becomes = visibility_of(new_bytes.key) if new_bytes else upload.visibility
    moved_from = new_bytes.source if isinstance(new_bytes, MovedFile) else upload.key
    if becomes != values.get("visibility", upload.visibility) or moved_from != upload.key:
        raise ChangedMeanwhile(_CHANGED)


def _differs(upload: UploadColumns, values: Values, name: str) -> bool:
    return name in values and values[name] != getattr(upload, name)
