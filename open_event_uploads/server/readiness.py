"""Whether the database and the storage can be used; asked of parts that may be dead."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

import msgspec
from flask import Flask, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from open_event_uploads.context import current_storage, db
from open_event_uploads.errors import UnusableStorage, UploadsError
from open_event_uploads.maintenance.check_schema import outdated
from open_event_uploads.maintenance.check_storage import check_storage

# Nobody who asks waits longer; and an answer is given again for a while, so that asking costs
# nothing: the storage writes, reads and deletes an object for it.
_PATIENCE_SECONDS = 2.0
_KEPT_SECONDS = 1.0


class State(msgspec.Struct):
    """What is known of a part.

    Args:
        ok: whether it can be used.
        milliseconds: that it took to find out, or that nothing has been heard.
    """

    ok: bool
    milliseconds: float


class Readiness:
    """The parts of an application.

    Args:
        app: whose.
    """

    def __init__(self, app: Flask) -> None:
        self._parts = {
            name: _Part(app, check)
            for name, check in {
                "database": _use_database,
                "schema": _compare_schema,
                "storage": _use_storage,
            }.items()
        }

    def ask(self) -> dict[str, State]:
        """The state of each, by name; all are asked at once."""
        for part in self._parts.values():
            part.begin()
        until = time.monotonic() + _PATIENCE_SECONDS
        return {name: part.state(until) for name, part in self._parts.items()}


class _Part:
    """One part, asked in a thread of its own: one that never answers costs that, and no more.

    Args:
        app: in whose context it is asked.
        check: raises where it cannot be used.
    """

    def __init__(self, app: Flask, check: Callable[[], None]) -> None:
        self._app = app
        self._check = check
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._lock = Lock()
        self._begun = 0.0
        self._asked: Future[State] | None = None

    def begin(self) -> None:
        """Ask, unless somebody is asking or has just asked."""
        with self._lock:
            now = time.monotonic()
            last = self._asked
            if last is None or (last.done() and now - self._begun > _KEPT_SECONDS):
                self._begun = now
                self._asked = self._pool.submit(self._ask)

    def state(self, until: float) -> State:
        """What it answered, or that it did not."""
        asked = self._asked
        if asked is None:
            return State(ok=False, milliseconds=0)
        try:
            return asked.result(max(0, until - time.monotonic()))
        except TimeoutError:
            return State(ok=False, milliseconds=_since(self._begun))

    def _ask(self) -> State:
        begun = time.monotonic()
        try:
            with self._app.app_context():
                self._check()
        except (UploadsError, UnusableStorage, SQLAlchemyError):
            return State(ok=False, milliseconds=_since(begun))
        return State(ok=True, milliseconds=_since(begun))


def _since(begun: float) -> float:
    return round((time.monotonic() - begun) * 1000, 1)


def _use_database() -> None:
    with db.engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def _compare_schema() -> None:
    config = current_app.extensions["migrate"].migrate.get_config()
    if outdated(db.engine, config):
        raise UnusableStorage


def _use_storage() -> None:
    check_storage(current_storage())
