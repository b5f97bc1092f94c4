"""Compare the stored bytes that are counted for each user with their uploads, and correct them."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, Engine, func, select, union_all, update

from open_event_uploads.database.read import read
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.write import write
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.quota import add_row
from open_event_uploads.uploads.resumable.model import ResumableUpload, reserved_bytes
from open_event_uploads.uploads.usage import Usage


@dataclass(frozen=True, slots=True)
class Drift:
    """A count that is wrong.

    Args:
        user_id: of the user.
        counted: bytes that are counted.
        stored: bytes of their uploads, and those that resumable uploads reserve.
    """

    user_id: str
    counted: int
    stored: int


def find_drift(*, engine: Engine) -> list[Drift]:
    """Return every count that is wrong; none, unless other programs wrote to the tables."""
    each = union_all(
        select(Upload.owner_id, Upload.size.label("size")),
        select(ResumableUpload.owner_id, reserved_bytes()),
    ).subquery()
    owner = each.c.owner_id
    # One statement sees one moment, so that uploads may go on beside it.
    stored = select(owner, func.sum(each.c.size).label("size"))
    sums = stored.where(owner.is_not(None)).group_by(owner).subquery()
    user_id = func.coalesce(Usage.user_id, sums.c.owner_id)
    compared = select(
        user_id, func.coalesce(Usage.stored_bytes, 0), func.coalesce(sums.c.size, 0)
    ).join_from(Usage, sums, Usage.user_id == sums.c.owner_id, full=True)
    return [
        Drift(str(id_), counted, int(stored_bytes))
        for id_, counted, stored_bytes in read(engine, compared.order_by(user_id))
        if counted != stored_bytes
    ]


def recount_usage(user_id: str, *, engine: Engine) -> None:
    """Correct a user's count in a transaction of its own."""
    write(engine, partial(recount, user_id))


def recount(user_id: str, execute: Execute) -> None:
    """Correct a user's count within a transaction that changes owners in bulk."""
    add_row(user_id, execute)
    # Transactions that write this user's uploads now wait before they count.
    execute(select(Usage.user_id).where(Usage.user_id == user_id).with_for_update())
    execute(update(Usage).where(Usage.user_id == user_id).values(stored_bytes=_stored(user_id)))


def _stored(user_id: str) -> ColumnElement[int]:
    uploads = select(func.coalesce(func.sum(Upload.size), 0)).where(Upload.owner_id == user_id)
    reserved = select(func.coalesce(func.sum(reserved_bytes()), 0)).where(
        ResumableUpload.owner_id == user_id
    )
    return uploads.scalar_subquery() + reserved.scalar_subquery()
