"""Begin a resumable upload."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from open_event_uploads.database.read import Query
from open_event_uploads.database.statement import Execute, Statement
from open_event_uploads.database.types import UtcDateTime, now
from open_event_uploads.errors import RequestTooLarge, TooManyResumableUploads
from open_event_uploads.uploads.lease import check_lease
from open_event_uploads.uploads.resumable.lock import UploadLock
from open_event_uploads.uploads.resumable.metadata import read_metadata
from open_event_uploads.uploads.resumable.model import (
    MAX_UNFINISHED,
    UNFINISHED_TIME,
    ResumableRow,
    ResumableUpload,
)
from open_event_uploads.uploads.resumable.place import Place
from open_event_uploads.uploads.rows import UploadRows, write_uploads

# On PostgreSQL the transactions that begin uploads of one sender wait for each other; otherwise
# none of them would count the others (PostgreSQL, 13.3.5, "Advisory Locks"; the first number is
# ours). On SQLite all writes wait for each other.
_ONE_AT_A_TIME = Statement(
    select(func.pg_advisory_xact_lock(20261129, func.hashtext(bindparam("sender"))))
)
_UNFINISHED = Query(
    select(func.count())
    .select_from(ResumableUpload)
    .where(
        ResumableUpload.sender == bindparam("sender"),
        ResumableUpload.upload_id.is_(None),
        ResumableUpload.expires_at > bindparam("now", type_=UtcDateTime),
    )
)


@dataclass(frozen=True, slots=True)
class NewResumable:
    """A description of an upload that a client begins.

    Args:
        length: bytes that are going to come; None if it is not known yet.
        sent_metadata: the value of Upload-Metadata.
        concatenation: the value of Upload-Concat; empty for an ordinary upload.
        repr_digest: what of Repr-Digest is checked; empty for nothing.
    """

    length: int | None
    sent_metadata: str = ""
    concatenation: str = ""
    repr_digest: str = ""

    def columns(self, owner_id: str | None, sender: str) -> dict[str, Any]:
        """Return the values of its row, by column; arguments as of `begin_resumable`."""
        return {
            "owner_id": owner_id,
            "sender": sender,
            "length": self.length,
            "sent_metadata": self.sent_metadata,
            "concatenation": self.concatenation,
            "repr_digest": self.repr_digest,
        }


def begin_resumable(
    new: NewResumable, *, owner_id: str | None, sender: str, place: Place
) -> UploadLock:
    """Begin an upload; its bytes count for its owner from now on.

    Args:
        new: what is going to come.
        owner_id: whose it is; None for no owner.
        sender: a digest of who sends it.
        place: where it is kept.

    Raises:
        InvalidRequest, InvalidAttribute, ManyErrors: its metadata are not acceptable.
        RequestTooLarge: no file of this length is accepted.
        TooManyResumableUploads: the sender has as many as are allowed.
        InvalidToken: the owner's account was deleted meanwhile.
        QuotaExceeded, DailyQuotaExceeded: it would be too many bytes.
    """
    check_lease(read_metadata(new.sent_metadata).get("expires_at"))
    check_length(new.length, place)
    moment = now()
    values = {**new.columns(owner_id, sender), "expires_at": moment + UNFINISHED_TIME}

    def step(written: UploadRows) -> ResumableRow:
        if place.engine.dialect.name == "postgresql":
            written.execute(_ONE_AT_A_TIME, {"sender": sender})
        _check_unfinished(sender, moment, written.execute)
        row = written.insert_owned(ResumableRow, values)
        written.ledger.note(row.owner_id, added=row.reserved)
        return row

    return UploadLock(write_uploads(place.engine, step, policy=place.policy), begins=True)


def _check_unfinished(sender: str, moment: datetime, execute: Execute) -> None:
    ((unfinished,),) = _UNFINISHED.all(execute, {"sender": sender, "now": moment})
    TooManyResumableUploads.raise_beyond(
        MAX_UNFINISHED,
        unfinished + 1,
        f"{MAX_UNFINISHED} uploads can be unfinished; finish one, or delete it.",
    )


def check_length(length: int | None, place: Place) -> None:
    """Raise `RequestTooLarge` for an upload longer than the longest file that is accepted."""
    limit = place.policy.max_bytes
    RequestTooLarge.raise_beyond(
        limit, length or 0, f"The upload has {length} bytes; {limit} are allowed."
    )
