"""Decide who may see and change users and tokens.

Admins may do everything, members what these functions allow. What a member may not see does not
exist for them (404); what they see and may not do is refused (403).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, true

from open_event_uploads.accounts.email import fold_email
from open_event_uploads.accounts.token import Token, TokenColumns
from open_event_uploads.accounts.user import UserColumns
from open_event_uploads.errors import Forbidden
from open_event_uploads.server.identity import Identity

# Attributes of a user that only admins change, even of themselves.
_ADMIN_ATTRIBUTES = frozenset({"role", "active"})


def may_act_for(identity: Identity | None, owner_id: str | None, scope: str) -> bool:
    """Return whether the sender may act for the owner of something: as the owner, or as an admin.

    Args:
        identity: of the sender; None if the request has none.
        owner_id: of the user who owns it; None for no owner.
        scope: that a limited token needs for it.
    """
    if identity is None or not identity.has_scope(scope):
        return False
    return identity.is_admin or identity.user_id == owner_id


def listed_tokens(identity: Identity | None) -> ColumnElement[bool]:
    """Select the tokens that a list holds: a member's own, for an admin all."""
    if identity is not None and identity.is_admin:
        return true()
    return Token.user_id == (identity.user_id if identity else None)


def may_see_token(identity: Identity | None, token: TokenColumns) -> bool:
    """Return whether the sender may see a token, without its secret."""
    return may_act_for(identity, token.user_id, "tokens:read")


def may_see_all_of(identity: Identity | None, user_id: str) -> bool:
    """Return whether the sender may see more of a user than id and name."""
    return may_act_for(identity, user_id, "users:read")


def check_user_change(
    identity: Identity | None, user: UserColumns, changes: dict[str, Any]
) -> None:
    """Check that the sender may change a user in this way.

    Raises:
        Forbidden: they may not.
    """
    if identity is not None and identity.scopes is not None:
        _refuse_more_than_scopes(user, changes)
    if identity is not None and identity.is_admin:
        return
    if not may_act_for(identity, user.id, "users:write"):
        raise Forbidden("Only the user and admins may do that.")
    for name in sorted(_ADMIN_ATTRIBUTES & changes.keys()):
        if changes[name] != getattr(user, name):
            raise Forbidden("Only admins may change that.", attribute=name)


def check_new_user(identity: Identity | None, role: str) -> None:
    """Check that the sender may create a user with this role.

    Raises:
        Forbidden: they may not.
    """
    if role == "admin" and identity is not None and identity.scopes is not None:
        raise Forbidden("A token with scopes cannot create an admin.", attribute="role")


def changes_credentials(user: UserColumns, changes: Mapping[str, Any]) -> bool:
    """Return whether a user signs in with another password or email after these changes."""
    email: str | None = changes.get("email", user.email)
    return "password" in changes or (email and fold_email(email)) != user.email


def _refuse_more_than_scopes(user: UserColumns, changes: dict[str, Any]) -> None:
    """Refuse what a token with scopes could use to sign in as somebody without."""
    if changes_credentials(user, changes):
        raise Forbidden("A token with scopes cannot change a password or the email of a user.")
    if changes.get("role", user.role) == "admin" != user.role:
        raise Forbidden("A token with scopes cannot make a user an admin.", attribute="role")
