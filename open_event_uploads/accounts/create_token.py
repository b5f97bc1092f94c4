"""Create a long-lived token."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine, delete, func, select

from open_event_uploads.accounts.token import (
    MAX_TOKENS,
    PREFIX,
    SCOPES,
    Token,
    TokenRow,
    digest,
)
from open_event_uploads.accounts.update_user import lock_user
from open_event_uploads.database.read import read
from open_event_uploads.database.rows import insert
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import now
from open_event_uploads.database.write import write
from open_event_uploads.errors import InvalidAttribute, InvalidToken, TooManyTokens
from open_event_uploads.server.identity import Identity

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewToken:
    """Describe a token to be created.

    Args:
        user_id: of the user on whose behalf it acts.
        name: what it is for, for people.
        scopes: what it is limited to; None for everything that its user may do.
        expires_at: when it expires; None for never.
    """

    user_id: str
    name: str = ""
    scopes: frozenset[str] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CreatedToken:
    """Hold a new token.

    Args:
        token: its row.
        secret: what its holder sends; only its digest is stored.
    """

    token: TokenRow
    secret: str = field(repr=False)


def create_token(new: NewToken, *, creator: Identity | None = None, engine: Engine) -> CreatedToken:
    """Create a token, and delete those of its user that have expired.

    Args:
        new: the token.
        creator: who asks for it. If that is another token, the new one has no more scopes, expires
            no later, and is revoked with it. None, and a session, set no bounds.
        engine: of the database.

    Raises:
        InvalidAttribute: it has expired already, or has scopes that are unknown; or it has more
            scopes, or a later end, than the token that creates it.
        InvalidToken: the token that creates it was revoked meanwhile.
        TooManyTokens: its user has as many as are allowed.
        NotFound: there is no such user.
        DatabaseUnavailable: nothing is created.
    """
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    values = {
        "user_id": new.user_id,
        "parent_id": creator.token_id if creator else None,
        "name": new.name,
        "scope": _scope(new.scopes, creator.scopes if creator else None),
        "token_hash": digest(secret),
        "expires_at": _end(_future(new.expires_at), creator.expires_at if creator else None),
    }
    return CreatedToken(write(engine, partial(_insert, values)), secret)


def _insert(values: Mapping[str, Any], execute: Execute) -> TokenRow:
    user_id, parent_id = values["user_id"], values["parent_id"]
    # Locked, so that of many requests at once none exceeds the maximum or survives its parent.
    lock_user(user_id, execute)
    execute(delete(Token).where(Token.user_id == user_id, Token.expires_at <= now()))
    if parent_id and not read(execute, select(Token.id).where(Token.id == parent_id)):
        raise InvalidToken
    ((tokens,),) = read(execute, select(func.count()).where(Token.user_id == user_id))
    TooManyTokens.raise_beyond(
        MAX_TOKENS, tokens + 1, f"A user can have {MAX_TOKENS} tokens; revoke one first."
    )
    return insert(execute, TokenRow, values)


def _end(asked: datetime | None, latest: datetime | None) -> datetime | None:
    if asked is not None and latest is not None and asked > latest:
        raise InvalidAttribute(
            "A token cannot expire later than the token that creates it, which expires at "
            f"{latest.isoformat(timespec='seconds')}.",
            attribute="expires-at",
        )
    return asked or latest


def _scope(scopes: frozenset[str] | None, within: frozenset[str] | None) -> str | None:
    if scopes is None:
        scopes = within
    if scopes is None:
        return None
    if not scopes or not scopes <= set(SCOPES):
        raise InvalidAttribute(
            f"Scopes are one or more of {', '.join(SCOPES)}; leave them out for no limit.",
            attribute="scopes",
        )
    if within is not None and not scopes <= within:
        raise InvalidAttribute(
            "A token cannot have scopes that the token that creates it lacks.", attribute="scopes"
        )
    return " ".join(sorted(scopes))


def _future(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    if at.tzinfo is None:
        raise InvalidAttribute("The time needs a zone, such as `Z`.", attribute="expires-at")
    try:
        found = at.astimezone(UTC)
    except OverflowError:
        raise InvalidAttribute(
            "The time cannot be converted to UTC.", attribute="expires-at"
        ) from None
    if found <= now():
        raise InvalidAttribute("The time must be in the future.", attribute="expires-at")
    return found
