"""Sign and read claims of this server (JSON Web Tokens, RFC 7519)."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

from open_event_uploads.database.types import now

# The only algorithm, whatever a token's header names (RFC 8725, section 3.1).
_ALGORITHM = "HS256"

# A token of ours that begins in the future is from a machine whose clock is ahead, or from before a
# clock was set back.
_AHEAD_SECONDS = 3600


def sign_claims(claims: Mapping[str, Any], *, secret_keys: Sequence[str]) -> str:
    """Return a token with these claims; the first key signs."""
    token: str = _jwt().encode(dict(claims), secret_keys[0], algorithm=_ALGORITHM)
    return token


def read_claims(
    token: str, *, audience: str, required: Sequence[str], secret_keys: Sequence[str]
) -> dict[str, Any] | None:
    """Return the claims of a token, or None if it is not ours or not valid now.

    Args:
        token: as a client sent it.
        audience: what it must be for, so that a token made with the same key for another purpose is
            not taken for it (RFC 8725, section 3.12).
        required: the claims that it must have beside `exp`.
        secret_keys: any of them may have signed it.
    """
    jwt = _jwt()
    for key in secret_keys:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=audience,
                # It would prolong the end, too, which is therefore checked below.
                leeway=_AHEAD_SECONDS,
                options={"require": [*required, "exp"], "strict_aud": True},
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError:
            return None
        return claims if int(claims["exp"]) > now().timestamp() else None
    return None


def _jwt() -> ModuleType:
    """Import PyJWT, and cryptography with it, when somebody signs in."""
    return import_module("jwt")
