"""Change the rows of resumable uploads, each in its lock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from open_event_uploads.database import rows
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import now
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.uploads.resumable.lock import UploadLock, update_reserved
from open_event_uploads.uploads.resumable.model import UNFINISHED_TIME, PieceRow, ResumableRow
from open_event_uploads.uploads.resumable.piece_rows import (
    delete_pieces,
    pieces_of,
    replace_pieces,
)
from open_event_uploads.uploads.rows import UploadRows, write_uploads

# How long making an upload may take before others may take the lock: its process may have ended. If
# it has not, it has made nothing: its write is refused. Measured for 25 MiB: 0.3 s in a folder, 1.3
# s in SeaweedFS. tus-js-client by itself asks for 9 s, and so gets the lock after a kill.
_COMPLETION_SECONDS = 5
_COMPLETED_BYTES_A_SECOND = 16 * 1024**2


def acknowledge(  # noqa: PLR0913 - what was written, and two collaborators
    lock: UploadLock,
    received: int,
    new: Sequence[PieceRow],
    *,
    goes_on: bool = False,
    engine: Engine,
    policy: FilePolicy,
) -> UploadLock:
    """Commit how much has been received: those bytes are durable.

    Args:
        lock: under which they were written.
        received: bytes in all.
        new: pieces that came to hold some of them.
        goes_on: whether the same request is going to write more.
        engine: of the database.
        policy: as of `begin_resumable`.

    Raises:
        ChangedMeanwhile: somebody else has the lock.
        QuotaExceeded, DailyQuotaExceeded: as of `begin_resumable`.
    """
    changes = {"has_writer": goes_on}
    return _acknowledge(lock, received, new, changes, engine=engine, policy=policy)


def _acknowledge(  # noqa: PLR0913 - as `acknowledge`, and what else changes
    lock: UploadLock,
    received: int,
    new: Sequence[PieceRow],
    changes: dict[str, Any],
    *,
    engine: Engine,
    policy: FilePolicy,
) -> UploadLock:
    def step(written: UploadRows) -> UploadLock:
        row = lock.locked(written.execute)
        kept = replace_pieces(lock.pieces, new, written.execute)
        columns = {"received": received, "expires_at": now() + UNFINISHED_TIME, **changes}
        return replace(lock, row=update_reserved(written, row, columns), pieces=kept)

    return write_uploads(engine, step, policy=policy)


def begin_completion(
    lock: UploadLock, received: int, new: Sequence[PieceRow], *, engine: Engine, policy: FilePolicy
) -> UploadLock:
    """Keep others from taking the lock while an upload is made; arguments as of `acknowledge`.

    All bytes but the last are acknowledged: the last one, together with the upload. A client that
    has sent everything and finds no upload sends that byte again.

    Raises:
        As `acknowledge`.
    """
    seconds = _COMPLETION_SECONDS + received / _COMPLETED_BYTES_A_SECOND
    changes = {"completing_until": now() + timedelta(seconds=seconds)}
    before_last = max(lock.row.received, received - 1)
    return _acknowledge(lock, before_last, new, changes, engine=engine, policy=policy)


def release_lock(lock: UploadLock, *, engine: Engine) -> None:
    """Let others take the lock at once: a request has failed; errors as of `UploadLock.check`."""

    def step(written: UploadRows) -> None:
        row = lock.locked(written.execute)
        rows.update(written.execute, row, {"completing_until": None, "has_writer": False})

    write_uploads(engine, step)


def become_upload(lock: UploadLock, upload_id: str, size: int, execute: Execute) -> None:
    """Note in the write that inserts an upload that it was made of this one.

    The bytes that were reserved are those that the upload has, so they are not counted here.

    Raises:
        ChangedMeanwhile: as of `UploadLock.check`.
    """
    row = lock.locked(execute)
    changes = {
        "received": size,
        "length": size,
        "upload_id": upload_id,
        "completing_until": None,
        "has_writer": False,
        "expires_at": now() + UNFINISHED_TIME,
    }
    rows.update(execute, row, changes)
    delete_pieces(row.id, execute)


def remove_resumable(lock: UploadLock, *, engine: Engine) -> list[str]:
    """Delete an upload, and return the keys of its pieces; errors as of `UploadLock.check`."""
    return write_uploads(
        engine, lambda written: delete_resumable(lock.locked(written.execute), written)
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
        row = UploadLock(part).locked(execute)
        delete_pieces(row.id, execute)
        rows.update(execute, row, {**lasting, "fencing_token": row.fencing_token + 1})
    return rows.insert(execute, ResumableRow, {**values, **lasting})


def delete_resumable(row: ResumableRow, written: UploadRows) -> list[str]:
    """Delete an upload within a write, and return the keys of its pieces, to be deleted later."""
    keys = [each.key for each in pieces_of(row.id, written.execute)]
    delete_pieces(row.id, written.execute)
    rows.delete(written.execute, row)
    written.ledger.note(row.owner_id, removed=row.reserved)
    return keys
