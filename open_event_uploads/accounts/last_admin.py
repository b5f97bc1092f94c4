"""Keep one active admin, without whom nobody could manage accounts."""

from sqlalchemy import Engine, select

from open_event_uploads.accounts.user import User
from open_event_uploads.database.read import read
from open_event_uploads.database.statement import Execute, Statement
from open_event_uploads.errors import LastAdmin

_ACTIVE_ADMINS = select(User.id).where(User.role == "admin", User.active).order_by(User.id)
_LOCK_ADMINS = Statement(_ACTIVE_ADMINS.with_for_update())


def check_admin_remains(without: str, execute: Execute, *, attribute: str | None = None) -> None:
    """Make sure that an active admin is left without this user, until the transaction ends.

    It locks all active admins, in the order of ids: of two admins who demote each other at once,
    the second finds that the first is one no longer. Call it before other users are locked, so that
    two transactions never wait for each other.

    Args:
        without: the id of the user who will be no active admin, and perhaps is none now.
        execute: runs statements in the transaction.
        attribute: that is to change.

    Raises:
        LastAdmin: nobody else is left.
    """
    if [id_ for (id_,) in execute(_LOCK_ADMINS)] == [without]:
        raise LastAdmin(attribute=attribute)


def has_admin(engine: Engine) -> bool:
    """Return whether there is an active admin."""
    return bool(read(engine, _ACTIVE_ADMINS.limit(1)))
