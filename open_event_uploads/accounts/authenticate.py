"""Identify the sender of a request by its Authorization header (RFC 9110, section 11; RFC 6750)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Engine, bindparam, select

from open_event_uploads.accounts.issuer import Issuer
from open_event_uploads.accounts.open_session import Session, read_session
from open_event_uploads.accounts.resolve_subject import resolve_subject
from open_event_uploads.accounts.token import PREFIX, USE_KNOWN_TO, Token, digest
from open_event_uploads.accounts.user import User
from open_event_uploads.database.read import Query
from open_event_uploads.database.types import is_id, now
from open_event_uploads.errors import InvalidToken
from open_event_uploads.server.identity import Identity

# Open Event's clients send `JWT`; neither is case-sensitive.
_SCHEMES = frozenset({"bearer", "jwt"})
# RFC 6750, section 2.1 (`b64token`), with a maximum length.
_CREDENTIALS = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*")

_TOKEN_BY_DIGEST = Query(
    select(
        Token.id, Token.scope, Token.expires_at, Token.last_used_at, Token.user_id, User.role
    ).where(User.id == Token.user_id, User.active, Token.token_hash == bindparam("digest"))
)
_ACTIVE_USER = Query(
    select(User.role, User.credentials_version).where(User.id == bindparam("id"), User.active)
)


@dataclass(frozen=True, slots=True)
class TrustedKeys:
    """Hold the keys whose signatures are trusted.

    Args:
        secret_keys: our own; the first signs, all of them verify.
        issuer: another service, if any.
    """

    secret_keys: tuple[str, ...] = field(repr=False)
    issuer: Issuer | None = None


def authenticate(
    authorization: str,
    *,
    keys: TrustedKeys,
    record_use: Callable[[str], None],
    engine: Engine,
) -> Identity:
    """Return the sender of a request with this header.

    Args:
        authorization: the header's value: a scheme and credentials.
        keys: whose signatures are trusted.
        record_use: is called with the id of a token whose use should be recorded.
        engine: of the database.

    Raises:
        InvalidToken: the credentials are not valid, for whatever reason.
    """
    scheme, _, credentials = authorization.strip(" \t").partition(" ")
    credentials = credentials.lstrip(" ")
    if scheme.lower() not in _SCHEMES or not _CREDENTIALS.fullmatch(credentials):
        raise InvalidToken
    if credentials.startswith(PREFIX):
        found = _by_token(credentials, record_use, engine)
    else:
        found = _by_session(credentials, keys, engine) or _by_issuer(credentials, keys, engine)
    if found is None:
        raise InvalidToken
    return found


def identify(session: Session, *, engine: Engine) -> Identity | None:
    """Return the user of a session, or None if the password or the account has changed since.

    Args:
        session: as it was read; the caller has verified its signature.
        engine: of the database.
    """
    found = _ACTIVE_USER.first(engine, {"id": session.user_id}) if is_id(session.user_id) else None
    if found is None:
        return None
    role, credentials_version = found
    if credentials_version != session.credentials_version:
        return None
    return Identity(session.user_id, role, None, "session")


def _by_token(secret: str, record_use: Callable[[str], None], engine: Engine) -> Identity | None:
    # Found by its digest, so the time of the comparison does not help to guess the secret.
    row = _TOKEN_BY_DIGEST.first(engine, {"digest": digest(secret)})
    if row is None:
        return None
    token_id, scope, expires_at, last_used_at, user_id, role = row
    if expires_at is not None and expires_at <= now():
        return None
    if last_used_at is None or last_used_at <= now() - USE_KNOWN_TO:
        record_use(token_id)
    scopes = None if scope is None else frozenset(scope.split())
    return Identity(user_id, role, scopes, "token", token_id, expires_at)


def _by_session(token: str, keys: TrustedKeys, engine: Engine) -> Identity | None:
    session = read_session(token, secret_keys=keys.secret_keys)
    return None if session is None else identify(session, engine=engine)


def _by_issuer(token: str, keys: TrustedKeys, engine: Engine) -> Identity | None:
    claims = keys.issuer and keys.issuer.read(token)
    if not claims or not keys.issuer:
        return None
    user = resolve_subject(claims, creates=keys.issuer.creates_users, engine=engine)
    if user is None or not user.active:
        return None
    return Identity(user.id, user.role, None, "issuer", expires_at=claims.expires_at)
