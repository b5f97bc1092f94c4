"""Hash and check passwords with Argon2id (RFC 9106)."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from open_event_uploads.errors import InvalidAttribute, PasswordsBusy, Sentence

# NIST SP 800-63B-4, section 3.1.1.2: a minimum length in code points, and no rules about which
# characters a password must have.
MIN_CHARACTERS = 12
MAX_CHARACTERS = 1024

# The minimum of OWASP's Password Storage Cheat Sheet. Measured on one core of an AMD EPYC: 31 ms.
# RFC 9106's second choice (3 passes over 64 MiB) takes 161 ms, and a worker's 64 threads could use
# 4 GiB.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Passwords hashed at once in a process, which bounds their memory: four times 19 MiB.
_MAX_CONCURRENT = 4
_WAIT_SECONDS = 5.0
_slots = BoundedSemaphore(_MAX_CONCURRENT)


def hash_password(password: str) -> str:
    """Return the hash of a password, to be stored.

    Raises:
        InvalidAttribute: it is too short or too long, or not valid Unicode.
        PasswordsBusy: too many passwords are being checked.
    """
    normal = _normal(password)
    if not MIN_CHARACTERS <= len(normal) <= MAX_CHARACTERS:
        raise InvalidAttribute(
            Sentence(
                "A password has %(least)s to %(most)s characters; this one has %(actual)s.",
                least=MIN_CHARACTERS,
                most=MAX_CHARACTERS,
                actual=len(normal),
            ),
            attribute="password",
            limit=MIN_CHARACTERS if len(normal) < MIN_CHARACTERS else MAX_CHARACTERS,
            actual=len(normal),
        )
    try:
        encoded = normal.encode()
    except UnicodeEncodeError:
        raise InvalidAttribute(
            "The password holds half of a surrogate pair.", attribute="password"
        ) from None
    with _slot():
        return _HASHER.hash(encoded)


def is_password(password: str, password_hash: str | None) -> bool:
    """Return whether a password has this hash.

    Without a hash it takes the same time, so that the time does not tell who has an account.

    Args:
        password: as it was typed.
        password_hash: as `hash_password` made it, or None.

    Raises:
        PasswordsBusy: too many passwords are being checked.
    """
    # A longer one is nobody's password; it is cut, and takes as long as others.
    encoded = _normal(password[: MAX_CHARACTERS + 1]).encode(errors="surrogatepass")
    with _slot():
        try:
            _HASHER.verify(password_hash or _dummy_hash(), encoded)
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def _normal(password: str) -> str:
    # NIST SP 800-63B-4, section 3.1.1.2: the same on every keyboard.
    return unicodedata.normalize("NFC", password)


@cache
def _dummy_hash() -> str:
    return _HASHER.hash(b"nobody's")


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=_WAIT_SECONDS):
        raise PasswordsBusy(
            "Too many passwords are being checked; try again in two seconds.",
            headers={"Retry-After": "2"},
        )
    try:
        yield
    finally:
        _slots.release()
