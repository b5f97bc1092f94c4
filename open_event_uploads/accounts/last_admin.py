"""Keep one active admin, without whom nobody could manage accounts."""

from sqlalchemy import Engine, and_, bindparam, or_, select

from open_event_uploads.accounts.user import User
from open_event_uploads.database.read import read
from open_event_uploads.database.statement import Execute, Statement
from open_event_uploads.errors import LastAdmin

_IS_ACTIVE_ADMIN = and_(User.role == "admin", User.active)
_LOCK_ADMINS = Statement(
    select(User.id, User.role, User.active)
    .where(or_(_IS_ACTIVE_ADMIN, User.id == bindparam("without"), User.id == bindparam("other")))
    .order_by(User.id)
    .with_for_update()
)


def check_admin_remains(
    without: str, execute: Execute, *, other: str | None = None, attribute: str | None = None
) -> None:
    """Make sure that an active admin is left without this user, until the transaction ends.

    It locks all active admins: of two admins who demote each other at once, the second finds that
    the first is one no longer. All users whom the transaction locks are locked here, in the order
    of ids, so that two transactions never wait for each other: PostgreSQL also locks a user who
    was an admin when the statement began, and is none any more when the row is free.

    Args:
        without: the id of the user who will be no active admin, and perhaps is none now.
        execute: runs statements in the transaction.
        other: the id of another user whom the transaction locks.
        attribute: that is to change.

    Raises:
        LastAdmin: nobody else is left.
    """
    locked = execute(_LOCK_ADMINS, {"without": without, "other": other or without})
    if [id_ for id_, role, active in locked if role == "admin" and active] == [without]:
        raise LastAdmin(attribute=attribute)


def has_admin(engine: Engine) -> bool:
    """Return whether there is an active admin."""
    return bool(read(engine, select(User.id).where(_IS_ACTIVE_ADMIN).limit(1)))
