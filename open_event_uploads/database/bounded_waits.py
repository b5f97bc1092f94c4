"""No thread waits for ever for a PostgreSQL that does not answer.

A server that was stopped, or whose machine hangs, closes no connection, and its own statement
timeout does not run; libpq has none for reading.
"""

import time
from collections.abc import Generator
from typing import Any

from sqlalchemy import Engine, event

# Beyond the time that the server gives a statement: what the answer takes on its way.
_MARGIN_SECONDS = 5.0


def bound_waits(engine: Engine, *, statement_timeout_seconds: int) -> None:
    """Have connections end themselves when the server does not answer in time.

    Args:
        engine: of PostgreSQL, before its first connection.
        statement_timeout_seconds: after which the server gives a statement up; 0 for never, and
            then nobody here does either.
    """
    if not statement_timeout_seconds:
        return
    # Made here, because the driver is there only where it is used.
    driver: Any = engine.dialect.dbapi
    patience = {"patience_seconds": statement_timeout_seconds + _MARGIN_SECONDS}
    bounded: Any = type("BoundedConnection", (_Bounded, driver.Connection), patience)

    @event.listens_for(engine, "do_connect")
    def _connect(_: object, __: object, arguments: Any, parameters: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's
        return bounded.connect(*arguments, **parameters)


class _Bounded:
    """What stands before psycopg's `Connection.wait`, by which it waits for everything.

    Its generators say what they wait for, and are sent a zero when that has not come after a
    moment (psycopg 3.2, `psycopg.waiting`).
    """

    patience_seconds: float
    pgconn: Any

    def wait(self, steps: Generator[int, int, Any], *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - psycopg's
        """Wait, to the end of one's patience."""
        wait = super().wait  # type: ignore[misc]  # of what comes after this in the class
        return wait(self._in_time(steps), *arguments, **options)

    def _in_time(self, steps: Generator[int, int, Any]) -> Generator[int, int, Any]:
        until = time.monotonic() + self.patience_seconds
        try:
            wanted = next(steps)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > until:
                    # What is on its way on this connection would be taken for the next answer; one
                    # that is closed is replaced.
                    self.pgconn.finish()
                wanted = steps.send(ready)
        except StopIteration as end:
            return end.value
