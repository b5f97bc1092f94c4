"""Measure how long statements take."""

import time
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext

from open_event_uploads.metrics import DATABASE

_STARTED = "uploads_statement_started"


def measure_engine(engine: Engine) -> None:
    """Time each statement that succeeds (SQLAlchemy, "Query Profiling").

    Args:
        engine: of the requests.
    """
    event.listen(engine, "before_cursor_execute", _begin)
    event.listen(engine, "after_cursor_execute", _end)


def others_listen(engine: Engine) -> bool:
    """Return whether others than `measure_engine` listen to every statement, as a profiler does."""
    return len(engine.dispatch.before_cursor_execute) > 1


def _begin(connection: Connection, *_: object) -> None:
    # A connection runs one statement at a time.
    connection.info[_STARTED] = time.perf_counter()


def _end(  # noqa: PLR0913, PLR0917 - SQLAlchemy's signature
    connection: Connection,
    cursor: DBAPICursor,  # noqa: ARG001 - SQLAlchemy's signature
    statement: str,  # noqa: ARG001 - SQLAlchemy's signature
    parameters: Any,  # noqa: ARG001, ANN401 - SQLAlchemy's signature
    context: ExecutionContext | None,
    many: bool,  # noqa: ARG001, FBT001 - SQLAlchemy's signature
) -> None:
    seconds = time.perf_counter() - connection.info.pop(_STARTED)
    DATABASE.labels(_kind(context)).observe(seconds)


def _kind(context: ExecutionContext | None) -> str:
    """Return the kind of a statement: one of five words, because each is a time series."""
    if context is None:
        return "other"
    for name in ("insert", "update", "delete"):
        if getattr(context, f"is{name}"):
            return name
    return "select" if getattr(context, "is_crud", False) or context.compiled else "other"
