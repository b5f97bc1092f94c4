"""Lock a resumable upload for one writer, by a fencing token.

Whoever begins to write takes the lock, and the writes of those who had it before are refused from
then on, on every machine: a connection that hangs needs no notice (Kleppmann, "How to do
distributed locking", "Making the lock safe with fencing").
"""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, bindparam, select

from open_event_uploads.blocking import BLOCKING
from open_event_uploads.database import rows
from open_event_uploads.database.read import Query
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import is_id, now
from open_event_uploads.errors import (
    ChangedMeanwhile,
    InconsistentLength,
    OffsetMismatch,
    UploadLocked,
)
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.uploads.resumable.find import visible_row
from open_event_uploads.uploads.resumable.model import PieceRow, ResumableRow, ResumableUpload
from open_event_uploads.uploads.resumable.piece_rows import pieces_of
from open_event_uploads.uploads.rows import UploadRows, write_uploads

_WRITER_SECONDS = 1.0
_POLL_SECONDS = 0.02

_TOKEN = Query(select(ResumableUpload.fencing_token).where(ResumableUpload.id == bindparam("id")))
_HAS_WRITER = Query(select(ResumableUpload.has_writer).where(ResumableUpload.id == bindparam("id")))


@dataclass(frozen=True, slots=True)
class UploadLock:
    """The right to write to a resumable upload, until another request takes it.

    Args:
        row: as it was when the lock was taken.
        pieces: that hold what has been received, in order.
        begins: whether its request began the upload, whose address the client is not told yet.
    """

    row: ResumableRow
    pieces: tuple[PieceRow, ...] = ()
    begins: bool = False

    def check(self, engine: Engine) -> None:
        """Make sure that nobody else has taken the lock.

        Raises:
            ChangedMeanwhile: somebody has, or the upload is gone.
        """
        if _TOKEN.first(engine, {"id": self.row.id}) != (self.row.fencing_token,):
            raise _overtaken()

    def locked(self, execute: Execute) -> ResumableRow:
        """Return the row as it is in a write; errors as of `check`."""
        row = rows.lock(execute, ResumableRow, self.row.id)
        if row is None or row.fencing_token != self.row.fencing_token:
            raise _overtaken()
        return row


def _overtaken() -> ChangedMeanwhile:
    return ChangedMeanwhile(
        "Another request goes on with this upload, or has ended it; ask for its offset."
    )


def wait_for_writer(id_: str, engine: Engine) -> None:
    """Wait a second at most for a request that is writing to acknowledge what it has.

    A client that lost its connection may ask for the offset before the server has noticed the loss.
    That a connection was closed is noticed at once; that a client has left the network is
    not, and waiting longer would not help.

    Args:
        id_: of the resumable upload.
        engine: of the database.
    """
    until = time.monotonic() + _WRITER_SECONDS
    while _HAS_WRITER.first(engine, {"id": id_}) == (True,) and time.monotonic() < until:
        with BLOCKING:
            time.sleep(_POLL_SECONDS)


def take_lock(  # noqa: PLR0913 - which, whose, what the client believes, two collaborators
    id_: str,
    owner_id: str | None,
    *,
    offset: int | None = None,
    length: int | None = None,
    is_complete_by_length: bool = True,
    engine: Engine,
    policy: FilePolicy | None = None,
) -> UploadLock:
    """Take the lock of an upload, unless it is finished: then nothing changes.

    Args:
        id_: of the resumable upload.
        owner_id: of the sender; None for one without an account.
        offset: at which the client is going to write; None if it writes nothing.
        length: that the client has found out; None if it says nothing.
        is_complete_by_length: whether an upload is whole as soon as it has its length.
        engine: of the database.
        policy: as of `begin_resumable`; not needed without a length.

    Raises:
        NotFound: as of `find_resumable`.
        OffsetMismatch: another number of bytes has been received.
        InconsistentLength: it has another length.
        UploadLocked: an upload is being made of it.
        QuotaExceeded, DailyQuotaExceeded: as of `begin_resumable`.
    """

    def step(written: UploadRows) -> UploadLock:
        locked = rows.lock(written.execute, ResumableRow, id_) if is_id(id_) else None
        row = visible_row(locked, owner_id, written.execute)
        _check_free(row)
        if offset is not None and offset != row.received:
            raise OffsetMismatch(expected=row.received, provided=offset)
        if length is not None:
            _check_length(row, length)
        if row.is_finished:
            return UploadLock(row)
        writes = offset is not None
        changes = {
            "fencing_token": row.fencing_token + 1,
            "has_writer": writes,
            "completing_until": None,
        }
        is_whole = is_complete_by_length and not row.is_part and length == row.received
        # That it is whole is written together with the upload that is made of it.
        if length is not None and not is_whole:
            changes["length"] = length
        taken = update_reserved(written, row, changes)
        return UploadLock(taken, pieces_of(id_, written.execute))

    # After a power cut nobody has the lock, so it need not be known.
    return write_uploads(engine, step, policy=policy, flushed=length is not None)


def _check_free(row: ResumableRow) -> None:
    if row.completing_until is not None and row.completing_until > now():
        raise UploadLocked(
            "All bytes have arrived, and are being checked; ask again in a moment.",
            headers={"Retry-After": "2"},
        )


def _check_length(row: ResumableRow, length: int) -> None:
    if length < row.received or row.length not in {None, length}:
        known = f"at least {row.received}" if row.length is None else str(row.length)
        raise InconsistentLength(f"The length is {known} bytes.", header="Upload-Length")


def update_reserved(
    written: UploadRows, row: ResumableRow, changes: dict[str, Any]
) -> ResumableRow:
    """Change a row, and count for its owner the bytes that it reserves now."""
    changed = rows.update(written.execute, row, changes)
    written.ledger.note_growth(row.owner_id, changed.reserved - row.reserved)
    return changed
