"""Begin a resumable upload."""

from dataclasses import dataclass
from typing import Any

from open_event_uploads.errors import RequestTooLarge
from open_event_uploads.uploads.lease import check_lease
from open_event_uploads.uploads.resumable.metadata import read_metadata
from open_event_uploads.uploads.resumable.place import Place
from open_event_uploads.uploads.resumable.rows import insert_resumable
from open_event_uploads.uploads.resumable.turn import Turn


@dataclass(frozen=True, slots=True)
class NewResumable:
    """What a client says of an upload that it begins.

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


def begin_resumable(new: NewResumable, *, owner_id: str | None, sender: str, place: Place) -> Turn:
    """Begin an upload; its bytes count for its owner from now on.

    Args:
        new: what is going to come.
        owner_id: whose it is; None for no owner.
        sender: a digest of who sends it.
        place: where it is kept.

    Raises:
        InvalidRequest, InvalidAttribute, ManyErrors: its metadata are not acceptable.
        RequestTooLarge: no file of this length is accepted.
        TooManyResumableUploads, QuotaExceeded, DailyQuotaExceeded, InvalidToken: as of
            `insert_resumable`.
    """
    check_lease(read_metadata(new.sent_metadata).get("expires_at"))
    check_length(new.length, place)
    values: dict[str, Any] = {
        "owner_id": owner_id,
        "sender": sender,
        "length": new.length,
        "sent_metadata": new.sent_metadata,
        "concatenation": new.concatenation,
        "repr_digest": new.repr_digest,
    }
    return insert_resumable(values, engine=place.engine, policy=place.policy)


def check_length(length: int | None, place: Place) -> None:
    """Raise `RequestTooLarge` for an upload longer than the longest file that is accepted."""
    limit = place.policy.max_bytes
    RequestTooLarge.raise_beyond(
        limit, length or 0, f"The upload has {length} bytes; {limit} are allowed."
    )
