"""Who may do what: all of it.

Admins may do everything, and members what is said here of members. What somebody may not see is
not there for them (404); what they see and may not do is refused (403); who says nothing of who
they are is asked (401).
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, true

from open_event_uploads.accounts.authenticate import Identity
from open_event_uploads.accounts.token import Token
from open_event_uploads.accounts.user import User
from open_event_uploads.errors import Forbidden, Unauthenticated


class Who(Enum):
    """Those who may try; what they then find may be less than an admin would."""

    ANYBODY = auto()
    # Members, and anybody at all where `UPLOADS_ANONYMOUS_UPLOADS` says so.
    SENDERS = auto()
    MEMBERS = auto()
    ADMINS = auto()


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do one thing.

    Args:
        who: may try.
        scope: what a limited token needs for it.
    """

    who: Who
    scope: str | None = None


_ANYBODY = Rule(Who.ANYBODY)

# By method and the name that the route has in `api/__init__.py`.
RULES = {
    # Answered before anybody is asked who they are; figures only to whoever has their token.
    "GET live": _ANYBODY,
    "GET ready": _ANYBODY,
    "GET metrics": _ANYBODY,
    "GET entry_point": _ANYBODY,
    "GET openapi": _ANYBODY,
    "GET docs": _ANYBODY,
    "GET docs_asset": _ANYBODY,
    "POST session": _ANYBODY,
    # The bytes: a private file is its owner's, admins', and whoever's has a link to it.
    "GET file": _ANYBODY,
    "GET policy_detail": _ANYBODY,
    # Uploads. A list holds a member's own; one by one, public ones are there for everybody.
    "GET upload_list": Rule(Who.MEMBERS, "uploads:read"),
    "POST upload_list": Rule(Who.SENDERS, "uploads:write"),
    "GET upload_detail": _ANYBODY,
    "PATCH upload_detail": Rule(Who.MEMBERS, "uploads:write"),  # their own
    "DELETE upload_detail": Rule(Who.MEMBERS, "uploads:write"),  # their own
    "PUT upload_content": Rule(Who.MEMBERS, "uploads:write"),  # their own
    "POST upload_download_link": Rule(Who.MEMBERS, "uploads:read"),  # their own
    "GET upload_related": _ANYBODY,
    "GET upload_relationship": _ANYBODY,
    "POST operations": Rule(Who.MEMBERS, "uploads:write"),  # their own
    "POST open_event_image": Rule(Who.SENDERS, "uploads:write"),
    "POST open_event_files": Rule(Who.SENDERS, "uploads:write"),
    # Variants are seen by whoever sees their upload.
    "GET variant_detail": _ANYBODY,
    "GET variant_related": _ANYBODY,
    "GET variant_relationship": _ANYBODY,
    "GET preset_list": _ANYBODY,
    "POST preset_list": Rule(Who.ADMINS, "presets:write"),
    "GET preset_detail": _ANYBODY,
    "PATCH preset_detail": Rule(Who.ADMINS, "presets:write"),
    "DELETE preset_detail": Rule(Who.ADMINS, "presets:write"),
    # Of others everybody sees id and name, which every upload of theirs shows too.
    "GET user_list": Rule(Who.ADMINS, "users:read"),
    "POST user_list": Rule(Who.ADMINS, "users:write"),
    "GET user_detail": _ANYBODY,
    "PATCH user_detail": Rule(Who.MEMBERS, "users:write"),  # themselves
    "DELETE user_detail": Rule(Who.ADMINS, "users:write"),
    # Tokens: a member's own.
    "GET token_list": Rule(Who.MEMBERS, "tokens:read"),
    "POST token_list": Rule(Who.MEMBERS, "tokens:write"),
    "GET token_detail": Rule(Who.MEMBERS, "tokens:read"),
    "DELETE token_detail": Rule(Who.MEMBERS, "tokens:write"),
    "GET token_related": Rule(Who.MEMBERS, "tokens:read"),
    "GET token_relationship": Rule(Who.MEMBERS, "tokens:read"),
}
# What nobody may change, not even an admin: whoever tries is told so by the address itself.
NEVER_WRITTEN = frozenset(
    {
        "policy_detail",
        "upload_related",
        "upload_relationship",
        "variant_detail",
        "variant_related",
        "variant_relationship",
        "token_related",
        "token_relationship",
    }
)
# The pages for admins: every blueprint of `admin/` is named so, and has no other rule than that
# of `admin/guard.py`, which lets admins in alone.
_ADMIN_PAGES = re.compile(r"admin(?:_[a-z]+)?\.")
# What only an admin gives to an account, the account's own user included.
FROM_ADMINS_ONLY = frozenset({"role", "active"})


@cache
def is_admin_page(endpoint: str | None) -> bool:
    """Whether a route is one of the pages for admins, their style sheet included."""
    return endpoint is not None and _ADMIN_PAGES.match(endpoint) is not None


def check_rule(identity: Identity | None, rule: Rule, *, anonymous_uploads: bool) -> None:
    """Judge a request before anything of it is read.

    Args:
        identity: who sends it; None for anybody.
        rule: of what it wants.
        anonymous_uploads: whether files are taken from anybody.

    Raises:
        Unauthenticated: it has to say who sends it.
        Forbidden: whoever sends it may not.
    """
    if rule.who is Who.ANYBODY:
        return
    if identity is None:
        if rule.who is Who.SENDERS and anonymous_uploads:
            return
        raise Unauthenticated("Send a token: `Authorization: Bearer …`.", header="Authorization")
    if rule.who is Who.ADMINS and identity.role != "admin":
        raise Forbidden("Only admins may do that.")
    if rule.scope and not identity.has_scope(rule.scope):
        raise Forbidden(f"The token is limited, and not to `{rule.scope}`.")


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
