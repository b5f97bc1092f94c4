"""Count in fixed windows of time, in Redis or in this process."""

import logging
import math
import time
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from limits import RateLimitItem
from limits.errors import StorageError

from open_event_uploads.server.memory_windows import MemoryWindows

log = logging.getLogger(__name__)

# After Redis did not answer, no request tries it again so soon.
_AWAY_SECONDS = 5.0


class Windows(Protocol):
    """Counts that end; the part of the library's `Storage` that is in use."""

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add an amount to a window of so many seconds; return its count."""

    def get(self, key: str) -> int:
        """Return the count of the present window."""

    def get_expiry(self, key: str) -> float:
        """Return the end of the present window, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Count:
    """The used part of a limit.

    Args:
        name: of the limit.
        rate: what it allows.
        allowed: whether what was counted fits.
        remaining: what still fits before the window ends.
        reset_seconds: until the window ends.
    """

    name: str
    rate: RateLimitItem
    allowed: bool
    remaining: int
    reset_seconds: int


class RateCounter:
    """Counts for one application.

    Without Redis, or while it is away, each worker counts for itself: uploads must not
    depend on a limiter.
    """

    def __init__(self, redis_url: str) -> None:
        self._own = MemoryWindows()
        self._shared: Windows = _open_redis(redis_url) if redis_url else self._own
        self._away_until = 0.0

    def count(self, name: str, rate: RateLimitItem, key: str, cost: int) -> Count:
        """Count an action of the sender with this key, if it fits as a whole."""
        if self._is_available():
            try:
                found = _count(self._shared, name, rate, key, cost)
            except StorageError as error:
                self._away_until = time.monotonic() + _AWAY_SECONDS
                log.warning(
                    "Redis cannot be reached, so each worker counts alone: %s", error.storage_error
                )
            else:
                self._away_until = 0.0
                return found
        return _count(self._own, name, rate, key, cost)

    def _is_available(self) -> bool:
        now = time.monotonic()
        if now < self._away_until:
            return False
        if self._away_until:
            # One thread checks whether Redis is back; the others go on.
            self._away_until = now + _AWAY_SECONDS
        return True


def _count(storage: Windows, name: str, rate: RateLimitItem, key: str, cost: int) -> Count:
    window, seconds = rate.key_for(name, key), rate.get_expiry()
    used = storage.get(window) if cost > 1 else 0
    allowed = used + cost <= rate.amount
    if allowed:
        used = storage.incr(window, seconds, amount=cost)
        # Others may have counted meanwhile: the new count decides.
        allowed = used <= rate.amount
    left = math.ceil(storage.get_expiry(window) - time.time())
    return Count(name, rate, allowed, max(rate.amount - used, 0), min(max(left, 0), seconds))


def _open_redis(url: str) -> Windows:
    # The client takes as long to import as everything else here, and most servers need none.
    redis_windows = import_module("open_event_uploads.server.redis_windows")
    windows: Windows = redis_windows.open_redis(url)
    return windows
