"""Write and read the rows of resumable uploads: the one place that changes them.

Each change of an unfinished one belongs to a turn. Whoever begins to write takes the turn, and the
writes of those who had it before are refused from then on, on every machine: a connection that
hangs needs no notice (Kleppmann, "How to do distributed locking", "Making the lock safe with
fencing"). It is the way of tus' servers, which interrupt the holder of a lock, without the message.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Engine, Table, bindparam, delete, func, select

from open_event_uploads.blocking import BLOCKING
from open_event_uploads.database import rows
from open_event_uploads.database.read import Query
from open_event_uploads.database.statement import Execute, Statement
from open_event_uploads.database.types import is_id, now
from open_event_uploads.errors import (
    ChangedMeanwhile,
    InvalidRequest,
    NotFound,
    OffsetMismatch,
    TooManyResumableUploads,
    UploadLocked,
)
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.storage.keys import new_partial_key
from open_event_uploads.uploads.resumable.model import (
    MAX_UNFINISHED,
    UNFINISHED_TIME,
    PieceRow,
    ResumablePiece,
    ResumableRow,
    ResumableUpload,
    has_expired,
)
from open_event_uploads.uploads.rows import UploadRows, read_upload, write_uploads

# How long making an upload may take before others may take the turn: its process may have ended. If
# it has not, it has made nothing: its write is refused.
_COMPLETION_SECONDS = 5
_COMPLETED_BYTES_A_SECOND = 4 * 1024**2

_WRITER_SECONDS = 1.0
_POLL_SECONDS = 0.02

_PIECES_TABLE = cast("Table", ResumablePiece.__table__)
_BY_ID = Query(select(ResumableUpload).where(ResumableUpload.id == bindparam("id")), ResumableRow)
_TURN = Query(select(ResumableUpload.turn).where(ResumableUpload.id == bindparam("id")))
_HAS_WRITER = Query(select(ResumableUpload.has_writer).where(ResumableUpload.id == bindparam("id")))
_PIECES = Query(
    select(ResumablePiece)
    .where(ResumablePiece.resumable_id == bindparam("id"))
    .order_by(ResumablePiece.start),
    PieceRow,
)
_UNFINISHED = Query(
    select(func.count())
    .select_from(ResumableUpload)
    .where(ResumableUpload.sender == bindparam("sender"), ResumableUpload.upload_id.is_(None))
)
_DELETE_PIECES = Statement(
    delete(_PIECES_TABLE).where(_PIECES_TABLE.c.resumable_id == bindparam("id"))
)
_DELETE_PIECES_FROM = Statement(
    delete(_PIECES_TABLE).where(
        _PIECES_TABLE.c.resumable_id == bindparam("id"),
        _PIECES_TABLE.c.start >= bindparam("start", type_=_PIECES_TABLE.c.start.type),
    )
)


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to write to a resumable upload, until somebody else takes it.

    Args:
        row: as it was when the turn was taken.
        pieces: that hold what has been received, in order.
    """

    row: ResumableRow
    pieces: tuple[PieceRow, ...] = ()

    def check(self, engine: Engine) -> None:
        """Make sure that nobody else has taken the turn.

        Raises:
            ChangedMeanwhile: somebody has, or the upload is gone.
        """
        if _TURN.first(engine, {"id": self.row.id}) != (self.row.turn,):
            raise _overtaken()

    def locked(self, execute: Execute) -> ResumableRow:
        """Return the row as it is in a write; errors as of `check`."""
        row = rows.lock(execute, ResumableRow, self.row.id)
        if row is None or row.turn != self.row.turn:
            raise _overtaken()
        return row


def _overtaken() -> ChangedMeanwhile:
    return ChangedMeanwhile(
        "Another request goes on with this upload, or has ended it; ask for its offset."
    )


def insert_resumable(values: dict[str, Any], *, engine: Engine, policy: FilePolicy) -> Turn:
    """Begin an upload; its bytes count for its owner from now on.

    Args:
        values: columns by name; `sender` is one of them.
        engine: of the database.
        policy: has how many bytes a user may store and send.

    Raises:
        TooManyResumableUploads: the sender has as many as are allowed.
        InvalidToken: the owner's account was deleted meanwhile.
        QuotaExceeded, DailyQuotaExceeded: it would be too many bytes.
    """

    def step(written: UploadRows) -> ResumableRow:
        ((unfinished,),) = _UNFINISHED.all(written.execute, {"sender": values["sender"]})
        TooManyResumableUploads.raise_beyond(
            MAX_UNFINISHED,
            unfinished + 1,
            f"{MAX_UNFINISHED} uploads can be unfinished; finish one, or delete it.",
        )
        row = written.insert_owned(ResumableRow, {**values, "expires_at": now() + UNFINISHED_TIME})
        written.ledger.note(row.owner_id, added=row.reserved)
        return row

    return Turn(write_uploads(engine, step, policy=policy))


def find_resumable(id_: str, owner_id: str | None, source: Engine | Execute) -> ResumableRow:
    """Return a resumable upload.

    Raises:
        NotFound: there is none, or none any more, or it is another user's; or the upload that it
            became is gone.
    """
    row = _BY_ID.first(source, {"id": id_}) if is_id(id_) else None
    return _found(row, owner_id, source)


def _found(
    row: ResumableRow | None, owner_id: str | None, source: Engine | Execute
) -> ResumableRow:
    if row is None or row.owner_id != owner_id or has_expired(row) or _is_deleted(row, source):
        raise NotFound("There is no such upload, or none any more; begin again.")
    return row


def _is_deleted(row: ResumableRow, source: Engine | Execute) -> bool:
    """Return whether it was finished, and what became of it is gone.

    A client that is given the same file again would take it for sent.
    """
    return row.upload_id is not None and read_upload(source, row.upload_id) is None


def wait_for_writer(id_: str, engine: Engine) -> None:
    """Give a request that is writing a moment to acknowledge what it has.

    A client that lost its connection may ask again before the server has noticed. Who has hung up
    is noticed at once, who left the network is not: then there is no sense in waiting longer.
    """
    until = time.monotonic() + _WRITER_SECONDS
    while _HAS_WRITER.first(engine, {"id": id_}) == (True,) and time.monotonic() < until:
        with BLOCKING:
            time.sleep(_POLL_SECONDS)


def take_turn(  # noqa: PLR0913 - which, whose, what the client believes, two collaborators
    id_: str,
    owner_id: str | None,
    *,
    offset: int | None = None,
    length: int | None = None,
    engine: Engine,
    policy: FilePolicy | None = None,
) -> Turn:
    """Take the turn of an upload, unless it is finished: then nothing changes.

    Args:
        id_: of the resumable upload.
        owner_id: of the sender; None for one without an account.
        offset: at which the client is going to write; None if it writes nothing.
        length: that the client has found out; None if it says nothing.
        engine: of the database.
        policy: as of `insert_resumable`; not needed without a length.

    Raises:
        NotFound: as of `find_resumable`.
        OffsetMismatch: another number of bytes has been received.
        InvalidRequest: it has another length.
        UploadLocked: an upload is being made of it.
        QuotaExceeded, DailyQuotaExceeded: as of `insert_resumable`.
    """

    def step(written: UploadRows) -> Turn:
        found = rows.lock(written.execute, ResumableRow, id_) if is_id(id_) else None
        row = _found(found, owner_id, written.execute)
        _check_free(row)
        if offset is not None and offset != row.received:
            raise OffsetMismatch(
                f"{row.received} bytes have been received.",
                header="Upload-Offset",
                headers={"Upload-Offset": str(row.received)},
            )
        if row.is_finished:
            return Turn(row)
        writes = offset is not None
        changes = {"turn": row.turn + 1, "has_writer": writes, "completing_until": None}
        if length is not None:
            _check_length(row, length)
            if row.is_part or length > row.received:
                # Else it is whole, which it is said to be together with the upload made of it.
                changes["length"] = length
        taken = _update(written, row, changes)
        return Turn(taken, tuple(_PIECES.all(written.execute, {"id": id_})))

    return write_uploads(engine, step, policy=policy)


def _check_free(row: ResumableRow) -> None:
    if row.completing_until is not None and row.completing_until > now():
        raise UploadLocked(
            "All bytes have arrived, and are being checked; ask again in a moment.",
            headers={"Retry-After": "2"},
        )


def _check_length(row: ResumableRow, length: int) -> None:
    if length < row.received or row.length not in {None, length}:
        known = f"at least {row.received}" if row.length is None else str(row.length)
        raise InvalidRequest(f"The length is {known} bytes.", header="Upload-Length")


def acknowledge(  # noqa: PLR0913 - what was written, and two collaborators
    turn: Turn,
    received: int,
    new: Sequence[PieceRow],
    *,
    goes_on: bool = False,
    engine: Engine,
    policy: FilePolicy,
) -> Turn:
    """Commit how much has been received: those bytes are durable.

    Args:
        turn: under which they were written.
        received: bytes in all.
        new: pieces that came to hold some of them.
        goes_on: whether the same request is going to write more.
        engine: of the database.
        policy: as of `insert_resumable`.

    Raises:
        ChangedMeanwhile: somebody else has the turn.
        QuotaExceeded, DailyQuotaExceeded: as of `insert_resumable`.
    """
    changes = {"has_writer": goes_on}
    return _acknowledge(turn, received, new, changes, engine=engine, policy=policy)


def _acknowledge(  # noqa: PLR0913 - as `acknowledge`, and what else changes
    turn: Turn,
    received: int,
    new: Sequence[PieceRow],
    changes: dict[str, Any],
    *,
    engine: Engine,
    policy: FilePolicy,
) -> Turn:
    def step(written: UploadRows) -> Turn:
        row = turn.locked(written.execute)
        kept = _replace_pieces(turn, new, written.execute)
        expires_at = now() + UNFINISHED_TIME
        changed = _update(written, row, {"received": received, "expires_at": expires_at, **changes})
        return Turn(changed, kept)

    return write_uploads(engine, step, policy=policy)


def _replace_pieces(turn: Turn, new: Sequence[PieceRow], execute: Execute) -> tuple[PieceRow, ...]:
    """Write new pieces in place of those of which nothing counts, and return all that there are.

    A piece that holds the last byte alone counts when an upload is made; if that fails, the byte is
    sent again. The sweeper removes the object of before.
    """
    if not new:
        return turn.pieces
    received = turn.row.received
    execute(_DELETE_PIECES_FROM, {"id": turn.row.id, "start": received})
    for piece in new:
        rows.insert(execute, PieceRow, _values(piece))
    return (*(each for each in turn.pieces if each.start < received), *new)


def new_piece(row: ResumableRow, start: int) -> PieceRow:
    """Return a piece that is in no table yet, for bytes of an upload.

    Args:
        row: the upload.
        start: how many of its bytes stand before the piece.
    """
    values = {"resumable_id": row.id, "start": start, "key": new_partial_key()}
    return PieceRow(**rows.complete_values(PieceRow, values))


def _values(piece: PieceRow) -> dict[str, Any]:
    return {"resumable_id": piece.resumable_id, "start": piece.start, "key": piece.key}


def _update(written: UploadRows, row: ResumableRow, changes: dict[str, Any]) -> ResumableRow:
    changed = rows.update(written.execute, row, changes)
    grown = changed.reserved - row.reserved
    written.ledger.note(row.owner_id, added=max(grown, 0), removed=max(-grown, 0))
    return changed


def begin_completion(
    turn: Turn, received: int, new: Sequence[PieceRow], *, engine: Engine, policy: FilePolicy
) -> Turn:
    """Keep others from taking the turn while an upload is made; arguments as of `acknowledge`.

    All bytes but the last are acknowledged: the last one, together with the upload. A client that
    has sent everything and finds no upload sends that byte again.

    Raises:
        As `acknowledge`.
    """
    seconds = _COMPLETION_SECONDS + received / _COMPLETED_BYTES_A_SECOND
    changes = {"completing_until": now() + timedelta(seconds=seconds)}
    before_last = max(turn.row.received, received - 1)
    return _acknowledge(turn, before_last, new, changes, engine=engine, policy=policy)


def end_completion(turn: Turn, *, engine: Engine) -> None:
    """Let others take the turn: no upload was made; errors as of `Turn.check`."""

    def step(written: UploadRows) -> None:
        row = turn.locked(written.execute)
        rows.update(written.execute, row, {"completing_until": None, "has_writer": False})

    write_uploads(engine, step)


def become_upload(turn: Turn, upload_id: str, size: int, execute: Execute) -> None:
    """Note in the write that inserts an upload that it was made of this one.

    The bytes that were reserved are those that the upload has, so they are not counted here.

    Raises:
        ChangedMeanwhile: as of `Turn.check`.
    """
    row = turn.locked(execute)
    changes = {
        "received": size,
        "length": size,
        "upload_id": upload_id,
        "completing_until": None,
        "has_writer": False,
        "expires_at": now() + UNFINISHED_TIME,
    }
    rows.update(execute, row, changes)
    execute(_DELETE_PIECES, {"id": row.id})


def remove_resumable(turn: Turn, *, engine: Engine) -> list[str]:
    """Delete an upload, and return the keys of its pieces; errors as of `Turn.check`."""
    return write_uploads(
        engine, lambda written: delete_resumable(turn.locked(written.execute), written)
    )


def replace_by_upload(
    parts: Sequence[ResumableRow], values: dict[str, Any], execute: Execute
) -> ResumableRow:
    """Delete finished parts in the write that inserts the upload that was made of them.

    Args:
        parts: as they were read; their bytes are counted by that write.
        values: of the resumable upload that stands for all of them, by column.
        execute: runs statements in the write.

    Raises:
        ChangedMeanwhile: one of them is gone.
    """
    # In one order: two writes that lock the same rows never wait for each other.
    for part in sorted(parts, key=lambda each: each.id):
        row = Turn(part).locked(execute)
        execute(_DELETE_PIECES, {"id": row.id})
        rows.delete(execute, row)
    return rows.insert(execute, ResumableRow, {**values, "expires_at": now() + UNFINISHED_TIME})


def delete_resumable(row: ResumableRow, written: UploadRows) -> list[str]:
    """Delete an upload within a write, and return the keys of its pieces, to be deleted later."""
    keys = [each.key for each in _PIECES.all(written.execute, {"id": row.id})]
    written.execute(_DELETE_PIECES, {"id": row.id})
    rows.delete(written.execute, row)
    written.ledger.note(row.owner_id, removed=row.reserved)
    return keys


def pieces_of(id_: str, source: Engine | Execute) -> tuple[PieceRow, ...]:
    """Return the pieces that hold what has been received of an upload, in order."""
    return tuple(_PIECES.all(source, {"id": id_}))
