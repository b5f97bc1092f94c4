"""Check the parts of an application that may have failed, in bounded time."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from open_event_uploads.errors import UnusableStorage, UploadsError

# No request waits longer; and an answer is given again for a while, so that many requests cost no
# more than one: the storage writes, reads and deletes an object for it.
_PATIENCE_SECONDS = 2.0
_KEPT_SECONDS = 1.0


class State(msgspec.Struct):
    """The state of a part.

    Args:
        ok: whether it can be used.
        milliseconds: that the check took, or has taken so far.
    """

    ok: bool
    milliseconds: float


class Readiness:
    """The parts of an application, by name; a check raises where its part cannot be used."""

    def __init__(self, checks: Mapping[str, Callable[[], None]]) -> None:
        self._parts = {name: _Part(check) for name, check in checks.items()}

    def check(self) -> dict[str, State]:
        """Return the state of each part by name; all are checked at once."""
        for part in self._parts.values():
            part.begin()
        until = time.monotonic() + _PATIENCE_SECONDS
        return {name: part.state(until) for name, part in self._parts.items()}


class _Part:
    """One part, checked in a thread of its own: one that never answers takes no other."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._lock = Lock()
        self._begun = 0.0
        self._found: Future[State] | None = None

    def begin(self) -> None:
        """Begin a check, unless one is under way or has just ended."""
        with self._lock:
            now = time.monotonic()
            last = self._found
            if last is None or (last.done() and now - self._begun > _KEPT_SECONDS):
                self._begun = now
                self._found = self._pool.submit(self._run)

    def state(self, until: float) -> State:
        """Return what the check found, or that it did not end in time."""
        found = self._found
        if found is None:
            return State(ok=False, milliseconds=0)
        try:
            return found.result(max(0, until - time.monotonic()))
        except TimeoutError:
            return State(ok=False, milliseconds=_since(self._begun))

    def _run(self) -> State:
        begun = time.monotonic()
        try:
            self._check()
        except (UploadsError, UnusableStorage, SQLAlchemyError):
            return State(ok=False, milliseconds=_since(begun))
        return State(ok=True, milliseconds=_since(begun))


def _since(begun: float) -> float:
    return round((time.monotonic() - begun) * 1000, 1)
