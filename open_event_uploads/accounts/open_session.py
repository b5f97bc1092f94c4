"""Sessions: short-lived JSON Web Tokens that this server signs for itself (RFC 7519)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import jwt

from open_event_uploads.database.types import now

LIFE = timedelta(hours=1)

# The only one, whatever a token's header says (RFC 8725, section 3.1).
_ALGORITHM = "HS256"
# Whoever holds the same key for something else makes no sessions with it (section 3.12).
_AUDIENCE = "open-event-uploads/session"
_REQUIRED = ("exp", "nbf", "iat", "aud", "sub", "cv")


@dataclass(frozen=True, slots=True)
class Session:
    """What a session says.

    Args:
        user_id: whose it is.
        credentials_version: of the user when it began.
    """

    user_id: str
    credentials_version: int


def open_session(opened: Session, *, secret_keys: Sequence[str]) -> str:
    """Sign a session of a user who has just proved who they are.

    Args:
        opened: what it says.
        secret_keys: the first signs.

    Returns:
        It, as it stands after `Bearer`. `identity` says once more whose it is, where Open Event's
        frontend looks for that.
    """
    begins = now()
    claims = {
        "aud": _AUDIENCE,
        "sub": opened.user_id,
        "identity": opened.user_id,
        "cv": opened.credentials_version,
        "iat": begins,
        "nbf": begins,
        "exp": begins + LIFE,
    }
    return jwt.encode(claims, secret_keys[0], algorithm=_ALGORITHM)


def read_session(token: str, *, secret_keys: Sequence[str]) -> Session | None:
    """What a session says, or None where it is none of ours, or not at this time.

    Args:
        token: as it came.
        secret_keys: all of them verify.
    """
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
        counted = claims["cv"]
        return Session(claims["sub"], counted) if type(counted) is int else None
    return None
