"""Write the rows of resumable uploads, each in its turn."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Engine, Table, bindparam, delete, func, select

from open_event_uploads.database import rows
from open_event_uploads.database.read import Query
from open_event_uploads.database.statement import Execute, Statement
from open_event_uploads.database.types import UtcDateTime, now
from open_event_uploads.errors import TooManyResumableUploads
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.storage.keys import new_partial_key
from open_event_uploads.uploads.resumable.find import pieces_of
from open_event_uploads.uploads.resumable.model import (
    MAX_UNFINISHED,
    UNFINISHED_TIME,
    PieceRow,
    ResumablePiece,
    ResumableRow,
    ResumableUpload,
)
from open_event_uploads.uploads.resumable.turn import Turn, update_reserved
from open_event_uploads.uploads.rows import UploadRows, write_uploads

# How long making an upload may take before others may take the turn: its process may have ended. If
# it has not, it has made nothing: its write is refused.
_COMPLETION_SECONDS = 5
_COMPLETED_BYTES_A_SECOND = 4 * 1024**2

_PIECES = cast("Table", ResumablePiece.__table__)
_UNFINISHED = Query(
    select(func.count())
    .select_from(ResumableUpload)
    .where(
        ResumableUpload.sender == bindparam("sender"),
        ResumableUpload.upload_id.is_(None),
        ResumableUpload.expires_at > bindparam("now", type_=UtcDateTime),
    )
)
_DELETE_PIECES = Statement(delete(_PIECES).where(_PIECES.c.resumable_id == bindparam("id")))
_DELETE_PIECES_FROM = Statement(
    delete(_PIECES).where(
        _PIECES.c.resumable_id == bindparam("id"),
        _PIECES.c.start >= bindparam("start", type_=_PIECES.c.start.type),
    )
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
        moment = now()
        sent = {"sender": values["sender"], "now": moment}
        ((unfinished,),) = _UNFINISHED.all(written.execute, sent)
        TooManyResumableUploads.raise_beyond(
            MAX_UNFINISHED,
            unfinished + 1,
            f"{MAX_UNFINISHED} uploads can be unfinished; finish one, or delete it.",
        )
        expires_at = moment + UNFINISHED_TIME
        row = written.insert_owned(ResumableRow, {**values, "expires_at": expires_at})
        written.ledger.note(row.owner_id, added=row.reserved)
        return row

    return Turn(write_uploads(engine, step, policy=policy))


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
        columns = {"received": received, "expires_at": now() + UNFINISHED_TIME, **changes}
        return Turn(update_reserved(written, row, columns), kept)

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


def release_turn(turn: Turn, *, engine: Engine) -> None:
    """Let others take the turn at once: a request has failed; errors as of `Turn.check`."""

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
    """Note in the write that inserts an upload that it was made of finished parts.

    Args:
        parts: as they were read; their bytes are counted by that write.
        values: of the resumable upload that stands for all of them, by column.
        execute: runs statements in the write.

    Raises:
        ChangedMeanwhile: one of them is gone, or is a part of another upload by now.
    """
    lasting = {"upload_id": values["upload_id"], "expires_at": now() + UNFINISHED_TIME}
    # In one order: two writes that lock the same rows never wait for each other.
    for part in sorted(parts, key=lambda each: each.id):
        row = Turn(part).locked(execute)
        execute(_DELETE_PIECES, {"id": row.id})
        rows.update(execute, row, {**lasting, "turn": row.turn + 1})
    return rows.insert(execute, ResumableRow, {**values, **lasting})


def delete_resumable(row: ResumableRow, written: UploadRows) -> list[str]:
    """Delete an upload within a write, and return the keys of its pieces, to be deleted later."""
    keys = [each.key for each in pieces_of(row.id, written.execute)]
    written.execute(_DELETE_PIECES, {"id": row.id})
    rows.delete(written.execute, row)
    written.ledger.note(row.owner_id, removed=row.reserved)
    return keys
