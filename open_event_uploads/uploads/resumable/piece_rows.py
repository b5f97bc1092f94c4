"""Read and write the rows of the pieces that hold what has been received of an upload."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Engine, Table, bindparam, delete, select

from open_event_uploads.database import rows
from open_event_uploads.database.read import Query
from open_event_uploads.database.statement import Execute, Statement
from open_event_uploads.storage.keys import new_partial_key
from open_event_uploads.uploads.resumable.model import PieceRow, ResumablePiece, ResumableRow

_TABLE = cast("Table", ResumablePiece.__table__)
_BY_UPLOAD = Query(
    select(ResumablePiece)
    .where(ResumablePiece.resumable_id == bindparam("id"))
    .order_by(ResumablePiece.start),
    PieceRow,
)
_DELETE = Statement(delete(_TABLE).where(_TABLE.c.resumable_id == bindparam("id")))
_DELETE_FROM = Statement(
    delete(_TABLE).where(
        _TABLE.c.resumable_id == bindparam("id"),
        _TABLE.c.start >= bindparam("start", type_=_TABLE.c.start.type),
    )
)


def pieces_of(id_: str, source: Engine | Execute) -> tuple[PieceRow, ...]:
    """Return the pieces that hold what has been received of an upload, in order."""
    return tuple(_BY_UPLOAD.all(source, {"id": id_}))


def replace_pieces(
    pieces: Sequence[PieceRow], new: Sequence[PieceRow], execute: Execute
) -> tuple[PieceRow, ...]:
    """Write new pieces in place of those that begin where they do, or behind.

    Such are a small piece that was put again with more bytes, and one that holds the last byte
    alone: that counts when an upload is made, and if that fails, it is sent again.

    Args:
        pieces: of the upload, in order.
        new: in no row yet, in order.
        execute: runs statements in the write.

    Returns:
        All pieces that there are now, in order.
    """
    if not new:
        return tuple(pieces)
    start = new[0].start
    execute(_DELETE_FROM, {"id": new[0].resumable_id, "start": start})
    for piece in new:
        rows.insert(execute, PieceRow, _values(piece.resumable_id, piece.start, piece.key))
    return (*(each for each in pieces if each.start < start), *new)


def new_piece(row: ResumableRow, start: int) -> PieceRow:
    """Return a piece that is in no table yet, for bytes of an upload.

    Args:
        row: the upload.
        start: how many of its bytes stand before the piece.
    """
    values = _values(row.id, start, new_partial_key())
    return PieceRow(**rows.complete_values(PieceRow, values))


def _values(resumable_id: str, start: int, key: str) -> dict[str, Any]:
    return {"resumable_id": resumable_id, "start": start, "key": key}


def delete_pieces(id_: str, execute: Execute) -> None:
    """Delete the rows of the pieces of an upload."""
    execute(_DELETE, {"id": id_})
