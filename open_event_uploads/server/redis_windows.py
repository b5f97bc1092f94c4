"""Count in fixed windows of time, in Redis; imported only where `UPLOADS_REDIS_URL` is set."""

from limits.storage import RedisStorage
from redis.backoff import NoBackoff
from redis.retry import Retry

from open_event_uploads.blocking import BLOCKING

# No request waits longer for a Redis that does not answer.
_TIMEOUT_SECONDS = 0.5


def open_redis(url: str) -> RedisStorage:
    """Return the counts at an address; nothing connects yet."""
    return _BlockingStorage(
        url,
        wrap_exceptions=True,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        socket_timeout=_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]  # passed on to the client
    )


class _BlockingStorage(RedisStorage):
    """Counts for which a thread waits."""

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        with BLOCKING:
            return super().incr(key, expiry, amount)

    def get(self, key: str) -> int:
        with BLOCKING:
            return super().get(key)

    def get_expiry(self, key: str) -> float:
        with BLOCKING:
            return super().get_expiry(key)
