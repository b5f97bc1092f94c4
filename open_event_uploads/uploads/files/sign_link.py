"""Sign links that open a private file for a while, without credentials."""

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
class Signature:
    """The query of a signed link.

    Args:
        expires: seconds since 1970, UTC.
        digest: over the key of the original and this time.
    """

    expires: int
    digest: str

    @property
    def expires_at(self) -> datetime:
        """The end of the link."""
        return datetime.fromtimestamp(self.expires, UTC)


def sign(key: str, *, life: timedelta, secret_keys: Sequence[str]) -> Signature:
    """Sign the address of a file and its variants, so that its holder may open them.

    Args:
        key: of the original.
        life: of the link.
        secret_keys: the first signs.
    """
    expires = int((now() + life).timestamp())
    digest = _signer(secret_keys).get_signature(_signed(key, expires))
    return Signature(expires, digest.decode("ascii"))


def is_signed(key: str, signature: Signature, *, secret_keys: Sequence[str]) -> bool:
    """Return whether a signature is ours, for this file, and not over.

    Args:
        key: of the original.
        signature: as it came.
        secret_keys: all of them verify.
    """
    if now().timestamp() >= signature.expires:
        return False
    digest = signature.digest.encode("utf-8", "replace")
    return _signer(secret_keys).verify_signature(_signed(key, signature.expires), digest)


def _signed(key: str, expires: int) -> bytes:
    return f"{key} {expires}".encode()


def _signer(secret_keys: Sequence[str]) -> Signer:
    # The library signs with the last key and verifies with all (itsdangerous, "Key Rotation").
    return Signer(
        list(reversed(secret_keys)), salt=_SALT, digest_method=hashlib.sha256, key_derivation="hmac"
    )
