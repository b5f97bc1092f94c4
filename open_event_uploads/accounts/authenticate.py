"""Who sends a request, from its Authorization header (RFC 9110, section 11; RFC 6750)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Engine, bindparam, select
from sqlalchemy.orm import Session

from open_event_uploads.accounts.admit_subject import admit_subject
from open_event_uploads.accounts.open_session import Session as OpenedSession
from open_event_uploads.accounts.open_session import read_session
from open_event_uploads.accounts.token import PREFIX, Token, digest
from open_event_uploads.accounts.trust_issuer import Issuer
from open_event_uploads.accounts.user import User
from open_event_uploads.database.read import Query
from open_event_uploads.database.types import is_id, now
from open_event_uploads.errors import InvalidToken
from open_event_uploads.server.identity import Identity

# `JWT` is what Open Event's clients say; neither has case.
_SCHEMES = frozenset({"bearer", "jwt"})
# RFC 6750, section 2.1 (`b64token`); longer ones are not looked at.
_CREDENTIALS = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*")

# How exactly it is known when a token was last used: so often it costs a write.
USE_KNOWN_TO = timedelta(minutes=5)

_KNOWN_BY_DIGEST = Query(
    select(
        Token.id, Token.scope, Token.expires_at, Token.last_used_at, Token.user_id, User.role
    ).where(User.id == Token.user_id, User.active, Token.token_hash == bindparam("digest"))
)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose signatures are believed.

    Args:
        secret_keys: our own; the first signs, all of them verify.
        issuer: another service, if any.
    """

    secret_keys: tuple[str, ...] = field(repr=False)
    issuer: Issuer | None = None


def authenticate(
    authorization: str,
    *,
    trust: Trust,
    note_use: Callable[[str], None] = lambda _: None,
    engine: Engine,
    sessions: Callable[[], Session],
) -> Identity:
    """Who sends a request with this header; leaves no transaction open.

    Args:
        authorization: the header's value: a scheme and credentials.
        trust: whose signatures are believed.
        note_use: is called with the id of a token whose use should be recorded.
        engine: to look tokens up.
        sessions: gives the session to look people up, where one is needed.

    Raises:
        InvalidToken: nobody is known by this, whatever the reason.
    """
    scheme, _, credentials = authorization.strip(" \t").partition(" ")
    credentials = credentials.lstrip(" ")
    if scheme.lower() not in _SCHEMES or not _CREDENTIALS.fullmatch(credentials):
        raise InvalidToken
    if credentials.startswith(PREFIX):
        found = _by_token(credentials, note_use, engine)
    else:
        found = _by_what_it_says(credentials, trust, sessions())
    if found is None:
        raise InvalidToken
    return found


def identify(opened: OpenedSession, *, session: Session) -> Identity | None:
    """Who a session is of; None where it is over, because the password or the account changed.

    Args:
        opened: what it says; whoever asks has made sure that it is ours.
        session: to look people up.
    """
    if not is_id(opened.user_id):
        return None
    wanted = select(User.role, User.credentials_version)
    row = session.execute(wanted.where(User.id == opened.user_id, User.active)).one_or_none()
    if row is None or row.credentials_version != opened.credentials_version:
        return None
    return Identity(opened.user_id, row.role, None, "session")


def _by_token(secret: str, note_use: Callable[[str], None], engine: Engine) -> Identity | None:
    # Looked up by its digest: what a comparison's time tells of a digest leads to no secret.
    row = _KNOWN_BY_DIGEST.first(engine, {"digest": digest(secret)})
    if row is None:
        return None
    token_id, scope, expires_at, last_used_at, user_id, role = row
    if expires_at is not None and expires_at <= now():
        return None
    if last_used_at is None or last_used_at <= now() - USE_KNOWN_TO:
        note_use(token_id)
    scopes = None if scope is None else frozenset(scope.split())
    return Identity(user_id, role, scopes, "token")


def _by_what_it_says(token: str, trust: Trust, session: Session) -> Identity | None:
    try:
        return _by_session(token, trust, session) or _by_issuer(token, trust, session)
    finally:
        session.rollback()


def _by_session(token: str, trust: Trust, session: Session) -> Identity | None:
    opened = read_session(token, secret_keys=trust.secret_keys)
    return None if opened is None else identify(opened, session=session)


def _by_issuer(token: str, trust: Trust, session: Session) -> Identity | None:
    claims = trust.issuer and trust.issuer.read(token)
    if not claims or not trust.issuer:
        return None
    user = admit_subject(claims, creates=trust.issuer.creates_users, session=session)
    if user is None or not user.active:
        return None
    return Identity(user.id, user.role, None, "issuer")
