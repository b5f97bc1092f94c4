"""Sign and read sessions: short-lived JSON Web Tokens of this server (RFC 7519)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from open_event_uploads.accounts.signed_claims import read_claims, sign_claims
from open_event_uploads.database.types import now

LIFETIME = timedelta(hours=1)

_AUDIENCE = "open-event-uploads/session"
_REQUIRED = ("nbf", "iat", "aud", "sub", "cv")


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
    return sign_claims(claims, secret_keys=secret_keys)


def read_session(token: str, *, secret_keys: Sequence[str]) -> Session | None:
    """Return the session of a token, or None if it is not ours or not valid now."""
    claims = read_claims(token, audience=_AUDIENCE, required=_REQUIRED, secret_keys=secret_keys)
    # A boolean is an int, too.
    if claims is None or type(claims["cv"]) is not int:
        return None
    return Session(claims["sub"], claims["cv"])
