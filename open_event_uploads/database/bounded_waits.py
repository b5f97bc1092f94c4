"""End the wait for a PostgreSQL server that does not answer.

A server that is stopped, or whose machine hangs, closes no connection and does not enforce its
statement timeout; libpq has no timeout for reading.
"""

import time
from collections.abc import Generator
from typing import Any

from sqlalchemy import Engine, event

from open_event_uploads.blocking import BLOCKING

# Beyond the statement timeout: how long the answer may be under way.
_MARGIN_SECONDS = 5.0


def bound_waits(engine: Engine, *, statement_timeout_seconds: int) -> None:
    """Make connections close themselves when the server does not answer in time.

    Args:
        engine: of PostgreSQL, before its first connection.
        statement_timeout_seconds: after which the server cancels a statement; 0 for never, and
            then connections wait for ever too.
    """
    if not statement_timeout_seconds:
        return
    # Made here, because the driver is installed only where it is used.
    driver: Any = engine.dialect.dbapi
    timeout = {"timeout_seconds": statement_timeout_seconds + _MARGIN_SECONDS}
    bounded: Any = type("BoundedConnection", (_Bounded, driver.Connection), timeout)

    @event.listens_for(engine, "do_connect")
    def _connect(_: object, __: object, arguments: Any, parameters: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's
        return bounded.connect(*arguments, **parameters)


class _Bounded:
    """Override psycopg's `Connection.wait`, which waits for everything that a connection does.

    Its generators yield what they wait for, and are sent a zero at intervals until that comes
    (psycopg 3.2, `psycopg.waiting`).
    """

    timeout_seconds: float
    pgconn: Any

    def wait(self, steps: Generator[int, int, Any], *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg's
        """Wait until the timeout."""
        wait = super().wait  # type: ignore[misc]  # of the next class in the order of bases
        with BLOCKING:
            return wait(self._in_time(steps), *arguments, **options)

    def _in_time(self, steps: Generator[int, int, Any]) -> Generator[int, int, Any]:
        until = time.monotonic() + self.timeout_seconds
        try:
            wanted = next(steps)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > until:
                    # A late answer would be taken for that to the next statement, so the connection
                    # is closed; the pool replaces it.
                    self.pgconn.finish()
                wanted = steps.send(ready)
        except StopIteration as end:
            return end.value
