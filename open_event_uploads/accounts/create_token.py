"""A long-lived token is made."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from open_event_uploads.accounts.token import PREFIX, SCOPES, Token, digest
from open_event_uploads.accounts.user import User
from open_event_uploads.database.transaction import write_transaction
from open_event_uploads.database.types import now
from open_event_uploads.errors import InvalidAttribute, NotFound

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a token is to be.

    Args:
        user_id: on whose behalf it acts.
        name: what it is for, for people.
        scopes: what it is limited to; None for everything that its user may do.
        expires_at: until when; None for as long as nobody revokes it.
    """

    user_id: str
    name: str = ""
    scopes: frozenset[str] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CreatedToken:
    """A fresh token.

    Args:
        token: its row.
        secret: what its holder sends; it is known now and never again.
    """

    token: Token
    secret: str = field(repr=False)


def create_token(
    new: NewToken,
    *,
    within: frozenset[str] | None = None,
    before_commit: Callable[[CreatedToken], None] = lambda _: None,
    session: Session,
) -> CreatedToken:
    """Make a token.

    Args:
        new: what it is to be.
        within: the scopes of whoever asks for it, beyond which it cannot go; None for no limit.
        before_commit: is called with what is returned, in the transaction that makes it.
        session: has no transaction under way that matters; it is rolled back first.

    Raises:
        InvalidAttribute: it would be over already, or have scopes that there are not, or more
            than whoever asks for it.
        NotFound: there is no such user.
        DatabaseUnavailable: nothing is made.
    """
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    token = Token(
        user_id=new.user_id,
        name=new.name,
        scope=_scope(new.scopes, within),
        token_hash=digest(secret),
        expires_at=_time_to_come(new.expires_at),
    )
    created = CreatedToken(token, secret)
    with write_transaction(session):
        # Held until the token refers to it: a user who is being deleted gets none.
        if session.get(User, new.user_id, with_for_update={"read": True}) is None:
            raise NotFound("There is no such user.")
        session.add(token)
        session.flush()
        before_commit(created)
    return created


def _scope(scopes: frozenset[str] | None, within: frozenset[str] | None) -> str | None:
    if scopes is None:
        scopes = within
    if scopes is None:
        return None
    if not scopes or not scopes <= set(SCOPES):
        raise InvalidAttribute(
            f"Scopes are one or more of {', '.join(SCOPES)}; or none are named at all.",
            attribute="scopes",
        )
    if within is not None and not scopes <= within:
        raise InvalidAttribute(
            "A token has no more scopes than the one it is made with.", attribute="scopes"
        )
    return " ".join(sorted(scopes))


def _time_to_come(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    if at.tzinfo is None:
        raise InvalidAttribute("The time needs its zone (`Z`).", attribute="expires-at")
    try:
        found = at.astimezone(UTC)
    except OverflowError:
        raise InvalidAttribute("There is no such time in UTC.", attribute="expires-at") from None
    if found <= now():
        raise InvalidAttribute("That time is over.", attribute="expires-at")
    return found
