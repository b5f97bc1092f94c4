"""Write and read the rows of uploads: the one place that inserts, updates and deletes them.

Within `write_uploads` the last statement counts the bytes of every owner, within the limits.
Reading here gives frozen rows; the ORM's `Upload` is for graphs (`include`).
"""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Engine, bindparam, select
from sqlalchemy.exc import IntegrityError

from open_event_uploads.database.read import Query
from open_event_uploads.database.rows import complete_values, delete, insert, lock, update
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import is_id
from open_event_uploads.database.write import write
from open_event_uploads.errors import InvalidToken, NotFound
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.uploads.fields import Values
from open_event_uploads.uploads.model import Upload, UploadRow, has_expired, is_kept
from open_event_uploads.uploads.quota import Ledger, count_bytes

T = TypeVar("T")
Row = TypeVar("Row")

_BY_ID = Query(select(Upload).where(Upload.id == bindparam("id"), is_kept()), UploadRow)
_ID_BY_KEY = Query(select(Upload.id).where(Upload.key == bindparam("key")))


class UploadRows:
    """The rows of uploads, as one write reads and changes them.

    Args:
        execute: runs statements in the write.
    """

    def __init__(self, execute: Execute) -> None:
        self.execute = execute
        self.ledger = Ledger()

    def insert(self, values: Values, *, reserved: int = 0) -> UploadRow:
        """Insert a row; columns without a value have their defaults.

        Args:
            values: by column.
            reserved: how many of its bytes have been counted for its owner before.

        Raises:
            As `insert_owned`.
        """
        row = self.insert_owned(UploadRow, values)
        self.ledger.note_growth(row.owner_id, row.size - reserved)
        return row

    def insert_owned(self, row_class: type[Row], values: Values) -> Row:
        """Insert a row of any table whose rows have owners; arguments as of `rows.insert`.

        Raises:
            InvalidToken: its owner's account was deleted since the request was authenticated.
        """
        try:
            return insert(self.execute, row_class, values)
        except IntegrityError:  # the only constraint that a new row can break
            raise InvalidToken from None

    def lock(self, upload_id: str) -> UploadRow:
        """Return the row as it is in this write; no other write can change it until this one ends.

        Raises:
            NotFound: there is none, or its lease is over: the sweeper may be about to remove it.
        """
        row = lock(self.execute, UploadRow, upload_id) if is_id(upload_id) else None
        if row is None or has_expired(row):
            raise NotFound("There is no such upload.")
        return row

    def update(self, row: UploadRow, changes: dict[str, Any], *, sent: int = 0) -> UploadRow:
        """Change a row that `lock` found.

        Args:
            row: as it is.
            changes: columns by name.
            sent: how many bytes have been sent for the change: they count for the day.

        Returns:
            The row as it is now; the very same object where nothing differs.
        """
        changed = update(self.execute, row, changes)
        grown = changed.size - row.size
        self.ledger.note(row.owner_id, added=sent, removed=sent - grown)
        return changed

    def delete(self, row: UploadRow) -> None:
        """Delete a row that `lock` found."""
        delete(self.execute, row)
        self.ledger.note(row.owner_id, removed=row.size)


def write_uploads(
    engine: Engine,
    step: Callable[[UploadRows], T],
    *,
    policy: FilePolicy | None = None,
    flushed: bool = True,
) -> T:
    """Change uploads in one transaction.

    Args:
        engine: of the database.
        step: changes them; see `database.write.write`.
        policy: has how many bytes a user may store and send; None where nothing can be refused.
        flushed: as of `database.write.write`.

    Returns:
        What the step returned.

    Raises:
        QuotaExceeded, DailyQuotaExceeded: nothing has changed.
        As the step and `write`.
    """

    def run(execute: Execute) -> T:
        rows = UploadRows(execute)
        result = step(rows)
        count_bytes(rows.ledger, execute=execute, policy=policy)
        return result

    return write(engine, run, flushed=flushed)


def read_upload(source: Engine | Execute, upload_id: str) -> UploadRow | None:
    """Return the row of an upload; None if there is none, or none any more."""
    return _BY_ID.first(source, {"id": upload_id}) if is_id(upload_id) else None


def has_key(source: Engine | Execute, key: str) -> bool:
    """Return whether the bytes under a key are an upload's; its lease may be over."""
    return _ID_BY_KEY.first(source, {"key": key}) is not None


def new_row(values: Values) -> UploadRow:
    """Return the row that `UploadRows.insert` would make."""
    return UploadRow(**complete_values(UploadRow, values))
