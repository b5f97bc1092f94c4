"""Passwords, hashed and checked with Argon2id (RFC 9106)."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from open_event_uploads.errors import InvalidAttribute, PasswordsBusy

# NIST SP 800-63B-4, section 3.1.1.2: length counts, in code points; rules about which characters
# a password must have are not allowed.
MIN_CHARACTERS = 12
MAX_CHARACTERS = 1024

# What OWASP's Password Storage Cheat Sheet asks for at least. Measured on one core of an AMD EPYC:
# 31 ms; RFC 9106's second choice (3 passes over 64 MiB) takes 161 ms, and 64 threads of a worker
# could hold 4 GiB.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# How many are hashed at once in a process, and so what memory they take: four times 19 MiB.
_AT_ONCE = 4
_WAIT_SECONDS = 5.0
_turns = BoundedSemaphore(_AT_ONCE)


def hash_password(password: str) -> str:
    """What is kept of a password.

    Args:
        password: as it was typed.

    Raises:
        InvalidAttribute: it is too short or too long, or no Unicode text.
        PasswordsBusy: there was no turn to hash it in time.
    """
    normal = _normal(password)
    if not MIN_CHARACTERS <= len(normal) <= MAX_CHARACTERS:
        raise InvalidAttribute(
            f"A password has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters; this one has "
            f"{len(normal)}.",
            attribute="password",
            limit=MIN_CHARACTERS if len(normal) < MIN_CHARACTERS else MAX_CHARACTERS,
            actual=len(normal),
        )
    try:
        encoded = normal.encode()
    except UnicodeEncodeError:
        raise InvalidAttribute(
            "The text holds half of a surrogate pair.", attribute="password"
        ) from None
    with _turn():
        return _HASHER.hash(encoded)


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether a password is the one of which this was kept.

    It takes the same time where nothing was kept: how long an answer takes says nothing about
    who has an account.

    Args:
        password: as it was typed.
        password_hash: as `hash_password` made it, or None.

    Raises:
        PasswordsBusy: there was no turn to check it in time.
    """
    # What is too long was never anybody's password; what is left of it costs as much as another.
    encoded = _normal(password[: MAX_CHARACTERS + 1]).encode(errors="surrogatepass")
    with _turn():
        try:
            _HASHER.verify(password_hash or _nobodys_hash(), encoded)
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with parameters of the past."""
    return _HASHER.check_needs_rehash(password_hash)


def _normal(password: str) -> str:
    """The same for every keyboard (NIST SP 800-63B-4, section 3.1.1.2: NFC)."""
    return unicodedata.normalize("NFC", password)


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash(b"nobody's")


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=_WAIT_SECONDS):
        raise PasswordsBusy("Try again in a moment.", headers={"Retry-After": "2"})
    try:
        yield
    finally:
        _turns.release()
