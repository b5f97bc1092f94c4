"""What counts: fixed windows, in Redis or in this process."""

import logging
import math
import time
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_limiter import Limiter
from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import Storage
from redis.backoff import NoBackoff
from redis.retry import Retry

from open_event_uploads.server.memory_windows import MemoryWindows

log = logging.getLogger(__name__)

# Nobody waits longer for a Redis that does not answer, and nobody asks it again so soon.
_TIMEOUT_SECONDS = 0.5
_AWAY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Count:
    """How much of a limit is used.

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


class Meter:
    """Counts for one application.

    While Redis is away each worker counts for itself: a limiter must not take uploads down.

    Args:
        redis_url: of the storage; empty for this process's memory.
    """

    def __init__(self, redis_url: str) -> None:
        limiter = Limiter(
            # The library opens the storage, and limits nothing by itself: a request may count for
            # none, one or several files, which is known when its body has been read. As a context
            # manager, which could tell, it keeps the limit at hand by its line of code, so that
            # threads may get each other's.
            lambda: "",
            storage_uri=redis_url or "windows://",
            storage_options=_redis_options() if redis_url else {},
        )
        # Not ours: its hook would look in every request for limits that are not there (0.03 ms).
        limiter.init_app(Flask(__name__))
        self._shared = limiter.storage
        self._own = MemoryWindows() if redis_url else self._shared
        self._away_until = 0.0

    def count(self, name: str, rate: RateLimitItem, key: str, cost: int) -> Count:
        """Count something, if it fits.

        Args:
            name: of the limit.
            rate: what it allows.
            key: whose.
            cost: how much; what does not fit as a whole is not counted.
        """
        if self._is_there():
            try:
                found = _count(self._shared, name, rate, key, cost)
            except StorageError as error:
                self._away_until = time.monotonic() + _AWAY_SECONDS
                log.warning("Redis is away, each worker counts alone: %s", error.storage_error)
            else:
                self._away_until = 0.0
                return found
        return _count(self._own, name, rate, key, cost)

    def _is_there(self) -> bool:
        now = time.monotonic()
        if now < self._away_until:
            return False
        if self._away_until:
            # One thread asks whether it is back, and the others go on.
            self._away_until = now + _AWAY_SECONDS
        return True


def _count(storage: Storage, name: str, rate: RateLimitItem, key: str, cost: int) -> Count:
    window, seconds = rate.key_for(name, key), rate.get_expiry()
    used = storage.get(window) if cost > 1 else 0
    allowed = used + cost <= rate.amount
    if allowed:
        used = storage.incr(window, seconds, amount=cost)
        # Others may have counted meanwhile: what was counted decides.
        allowed = used <= rate.amount
    left = math.ceil(storage.get_expiry(window) - time.time())
    return Count(name, rate, allowed, max(rate.amount - used, 0), min(max(left, 0), seconds))


def _redis_options() -> dict[str, Any]:
    return {
        "wrap_exceptions": True,
        "socket_connect_timeout": _TIMEOUT_SECONDS,
        "socket_timeout": _TIMEOUT_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
