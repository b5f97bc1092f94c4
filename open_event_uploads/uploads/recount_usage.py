"""What users have stored is counted anew, from their uploads."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, func, select, update
from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import within, write_transaction
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.quota import add_row
from open_event_uploads.uploads.usage import Usage


@dataclass(frozen=True, slots=True)
class Drift:
    """A count that is wrong.

    Args:
        user_id: whose.
        counted: bytes, as they were counted.
        stored: bytes, as the uploads add up.
    """

    user_id: str
    counted: int
    stored: int


def find_drift(*, session: Session) -> Iterator[Drift]:
    """Every count that is wrong: none, unless the tables were changed by other means than ours."""
    owner = Upload.owner_id
    stored = select(owner, func.sum(Upload.size)).where(owner.is_not(None)).group_by(owner)
    # One statement sees one moment, so that uploads may go on beside it.
    sums = stored.add_columns(func.count()).subquery()
    user_id = func.coalesce(Usage.user_id, sums.c.owner_id)
    compared = select(
        user_id, func.coalesce(Usage.stored_bytes, 0), func.coalesce(sums.c[1], 0)
    ).join_from(Usage, sums, Usage.user_id == sums.c.owner_id, full=True)
    rows = session.execute(compared.order_by(user_id)).all()
    session.rollback()
    for id_, counted, actual in rows:
        if counted != actual:
            yield Drift(str(id_), counted, int(actual))


def recount_usage(user_id: str, *, session: Session) -> None:
    """Set a user's count right, in a transaction of its own."""
    with write_transaction(session):
        recount(user_id, session)


def recount(user_id: str, session: Session) -> None:
    """The same in the caller's write transaction: for those who change owners in bulk."""
    add_row(user_id, within(session))
    # Whoever writes this user's uploads now waits with counting; what they did before is seen.
    session.execute(select(Usage.user_id).where(Usage.user_id == user_id).with_for_update())
    session.execute(
        update(Usage)
        .where(Usage.user_id == user_id)
        .values(stored_bytes=_stored(user_id))
        .execution_options(synchronize_session=False)
    )


def _stored(user_id: str) -> ScalarSelect[int]:
    total = select(func.coalesce(func.sum(Upload.size), 0)).where(Upload.owner_id == user_id)
    return total.scalar_subquery()
