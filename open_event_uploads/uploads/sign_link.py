"""Links that open a private file for whoever holds them, for a while."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import Signer

from open_event_uploads.database.types import now

# As long as a signed address of S3 may last at most (Signature Version 4, `X-Amz-Expires`).
LONGEST = timedelta(days=7)
USUAL = timedelta(minutes=15)

# What is signed for something else opens no file.
_SALT = "open-event-uploads/download-link"


@dataclass(frozen=True, slots=True)
class Leave:
    """What a link carries besides the address.

    Args:
        expires: seconds since 1970, UTC.
        signature: over the key of the original and this time.
    """

    expires: int
    signature: str

    @property
    def expires_at(self) -> datetime:
        """When it ends."""
        return datetime.fromtimestamp(self.expires, UTC)


def give_leave(key: str, *, life: timedelta, secret_keys: Sequence[str]) -> Leave:
    """Let whoever holds this open a file and its variants.

    Args:
        key: of the original.
        life: how long.
        secret_keys: the first signs.
    """
    expires = int((now() + life).timestamp())
    signature = _signer(secret_keys).get_signature(_signed(key, expires))
    return Leave(expires, signature.decode("ascii"))


def has_leave(key: str, leave: Leave, *, secret_keys: Sequence[str]) -> bool:
    """Whether this was given for a file, and is not over.

    Args:
        key: of the original.
        leave: as it came.
        secret_keys: all of them verify.
    """
    if now().timestamp() >= leave.expires:
        return False
    signature = leave.signature.encode("utf-8", "replace")
    return _signer(secret_keys).verify_signature(_signed(key, leave.expires), signature)


def _signed(key: str, expires: int) -> bytes:
    return f"{key} {expires}".encode()


def _signer(secret_keys: Sequence[str]) -> Signer:
    # The library signs with the last and verifies with all (itsdangerous, "Key Rotation").
    return Signer(
        list(reversed(secret_keys)), salt=_SALT, digest_method=hashlib.sha256, key_derivation="hmac"
    )
