"""Count in fixed windows of time, in Redis; imported only where `UPLOADS_REDIS_URL` is set."""

from limits.storage import RedisStorage
from redis.backoff import NoBackoff
from redis.retry import Retry

# No request waits longer for a Redis that does not answer.
_TIMEOUT_SECONDS = 0.5


def open_redis(url: str) -> RedisStorage:
    """Return the counts at an address; nothing connects yet."""
    return RedisStorage(
        url,
        wrap_exceptions=True,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        socket_timeout=_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]  # passed on to the client
    )
