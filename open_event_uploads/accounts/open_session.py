"""Sign and read sessions: short-lived JSON Web Tokens of this server (RFC 7519)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import jwt

from open_event_uploads.database.types import now

LIFETIME = timedelta(hours=1)

# The only algorithm, whatever a token's header names (RFC 8725, section 3.1).
_ALGORITHM = "HS256"
# So that tokens made with the same key for another purpose are not sessions (section 3.12).
_AUDIENCE = "open-event-uploads/session"
_REQUIRED = ("exp", "nbf", "iat", "aud", "sub", "cv")


@dataclass(frozen=True, slots=True)
class Session:
    """Identify the user of a session.

    Args:
        user_id: of the user.
        credentials_version: of the user when the session began.
    """

    user_id: str
    credentials_version: int


def open_session(session: Session, *, secret_keys: Sequence[str]) -> str:
    """Sign a session of a user whose credentials were checked.

    Args:
        session: of the user.
        secret_keys: the first signs.

    Returns:
        The credentials to send after `Bearer`. The claim `identity` repeats `sub`, because Open
        Event's frontend reads it.
    """
    begins = now()
    claims = {
        "aud": _AUDIENCE,
        "sub": session.user_id,
        "identity": session.user_id,
        "cv": session.credentials_version,
        "iat": begins,
        "nbf": begins,
        "exp": begins + LIFETIME,
    }
    return jwt.encode(claims, secret_keys[0], algorithm=_ALGORITHM)


def read_session(token: str, *, secret_keys: Sequence[str]) -> Session | None:
    """Return the session of a token, or None if it is not ours or not valid now."""
    for key in secret_keys:
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={"require": list(_REQUIRED), "strict_aud": True},
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError:
            return None
        version = claims["cv"]
        return Session(claims["sub"], version) if type(version) is int else None
    return None
