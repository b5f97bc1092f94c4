"""Recognise a device on which somebody has signed in before.

Strangers who guess somebody's password use up what may be tried for that email, but not what this
device may try (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). A device token
proves nothing else: whoever steals one has as many attempts as a stranger, and no more.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from open_event_uploads.accounts.signed_claims import read_claims, sign_claims
from open_event_uploads.database.types import new_id, now

# After the last time that somebody signed in with it.
LIFETIME = timedelta(days=180)

_AUDIENCE = "open-event-uploads/device"


def sign_device(email: str, *, secret_keys: Sequence[str]) -> str:
    """Return a token for the device on which somebody has just signed in.

    Each is another device to the limits, so that whoever has stolen an earlier one does not use up
    the attempts of its owner.

    Args:
        email: in the one spelling that stands for all that are alike; the token holds its digest.
        secret_keys: the first signs.
    """
    claims = {
        "aud": _AUDIENCE,
        "sub": _digest(email),
        "jti": new_id(),
        "exp": now() + LIFETIME,
    }
    return sign_claims(claims, secret_keys=secret_keys)


def read_device(token: str, email: str, *, secret_keys: Sequence[str]) -> str | None:
    """Return the id of the device that a token is for; None if it is for no device of this email.

    Whether there is such an account makes no difference, here or in the time that it takes.

    Args:
        token: as a client sent it; "" for none.
        email: in the one spelling that stands for all that are alike.
        secret_keys: any of them may have signed it.
    """
    claims = read_claims(
        token, audience=_AUDIENCE, required=("sub", "jti"), secret_keys=secret_keys
    )
    if claims is None or claims["sub"] != _digest(email):
        return None
    return str(claims["jti"])


def _digest(email: str) -> str:
    return hashlib.blake2b(email.encode("utf-8", "replace"), digest_size=16).hexdigest()
