"""Create a long-lived token."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from open_event_uploads.accounts.token import PREFIX, SCOPES, TokenRow, digest
from open_event_uploads.database.rows import insert
from open_event_uploads.database.types import now
from open_event_uploads.database.write import write
from open_event_uploads.errors import InvalidAttribute, NotFound

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


def create_token(
    new: NewToken, *, within: frozenset[str] | None = None, engine: Engine
) -> CreatedToken:
    """Create a token.

    Args:
        new: the token.
        within: the scopes of the token that authenticates the request, which the new one cannot
            exceed; None for no limit.
        engine: of the database.

    Raises:
        InvalidAttribute: it has expired already, or has scopes that are unknown or exceed `within`.
        NotFound: there is no such user.
        DatabaseUnavailable: nothing is created.
    """
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    values = {
        "user_id": new.user_id,
        "name": new.name,
        "scope": _scope(new.scopes, within),
        "token_hash": digest(secret),
        "expires_at": _future(new.expires_at),
    }
    try:
        token = write(engine, lambda execute: insert(execute, TokenRow, values))
    except IntegrityError:  # the foreign key: deleted meanwhile, or never there
        raise NotFound("There is no such user.") from None
    return CreatedToken(token, secret)


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
            "A token cannot have scopes that the token which creates it lacks.", attribute="scopes"
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
