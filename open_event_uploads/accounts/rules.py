"""Who may do what: all of it.

Admins may do everything, and members what is said here of members. What somebody may not see is
not there for them (404); what they see and may not do is refused (403); who says nothing of who
they are is asked (401).
"""

from typing import Any

from sqlalchemy import ColumnElement, true

from open_event_uploads.accounts.token import Token
from open_event_uploads.accounts.user import User
from open_event_uploads.errors import Forbidden
from open_event_uploads.server.identity import Identity

# What only an admin gives to an account, the account's own user included.
FROM_ADMINS_ONLY = frozenset({"role", "active"})


def may_act_for(identity: Identity | None, owner_id: str | None, scope: str) -> bool:
    """Return whether somebody may act for the owner of something: as the owner, or as an admin.

    Args:
        identity: who wants to; None for anybody.
        owner_id: None for nobody.
        scope: what a limited token needs for it.
    """
    if identity is None or not identity.has_scope(scope):
        return False
    return identity.role == "admin" or identity.user_id == owner_id


def listed_tokens(identity: Identity | None) -> ColumnElement[bool]:
    """Which tokens somebody sees: their own, an admin all."""
    if identity is not None and identity.role == "admin":
        return true()
    return Token.user_id == (identity.user_id if identity else None)


def sees_token(identity: Identity | None, token: Token) -> bool:
    """Whether somebody may know of a token."""
    return may_act_for(identity, token.user_id, "tokens:read")


def sees_all_of(identity: Identity | None, user_id: str) -> bool:
    """Whether somebody may be shown more of a user than id and name."""
    return may_act_for(identity, user_id, "users:read")


def check_user_change(identity: Identity | None, user: User, changes: dict[str, Any]) -> None:
    """Make sure that somebody may change an account in this way.

    Raises:
        Forbidden: it is another's, or only admins give that.
    """
    if identity is not None and identity.scopes is not None and identity.user_id == user.id:
        _check_credentials_stay(user, changes)
    if identity is not None and identity.role == "admin":
        return
    if not may_act_for(identity, user.id, "users:write"):
        raise Forbidden("Only the user and admins may do that.")
    for name in sorted(FROM_ADMINS_ONLY & changes.keys()):
        if changes[name] != getattr(user, name):
            raise Forbidden("Only admins may change that.", attribute=name)


def _check_credentials_stay(user: User, changes: dict[str, Any]) -> None:
    """What is limited must not open a session, which is not.

    Raises:
        Forbidden: it would change what its own user signs in with.
    """
    if "password" in changes or changes.get("email", user.email) != user.email:
        raise Forbidden("A token with scopes changes neither password nor email of its user.")
