"""The threads that answer requests, and the bounded queue before them.

Threads that compute at the same time only take the interpreter's lock from each other, at every
call of SQLite and of the system. So one works at a time, and another begins as soon as that one is
blocked: at a mark (`blocking.py`), or for longer than a request computes.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

from open_event_uploads.blocking import BLOCKING
from open_event_uploads.errors import Overloaded

T = TypeVar("T")

# How many threads work at once, those that are blocked not counted (`python -m bench.threads`).
AT_ONCE = 1

# A thread that is at work on one job for longer counts as blocked while others wait.
_BLOCKED_SECONDS = 0.02

# A client that has waited so long for a thread has given up, or should try again.
_WAIT_SECONDS = 20.0


@dataclass(slots=True)
class _Job(Generic[T]):
    """Work for a thread.

    Args:
        work, ended, drop: as of `Threads.begin`.
        future: of the result.
        until: when the work may begin at the latest, of `time.monotonic`.
    """

    work: Callable[[], T]
    ended: Callable[[], None]
    drop: Callable[[T], None]
    future: asyncio.Future[T]
    until: float

    def run(self) -> None:
        """Do the work, and tell the event loop; nobody is told at the end of a worker."""
        with suppress(RuntimeError):  # the loop is closed
            self.future.get_loop().call_soon_threadsafe(self._outcome())

    def _outcome(self) -> Callable[[], None]:
        if time.monotonic() > self.until:
            return partial(self._fail, _overloaded())
        try:
            return partial(self._succeed, self.work())
        except BaseException as error:  # noqa: BLE001 - the future has it
            return partial(self._fail, error)

    def _succeed(self, result: T) -> None:
        self.ended()
        if self.future.done():
            self.drop(result)
        else:
            self.future.set_result(result)

    def _fail(self, error: BaseException) -> None:
        self.ended()
        if not self.future.done():
            self.future.set_exception(error)


class Threads:
    """At most so many threads, and a queue before them for so many waiting jobs.

    One event loop uses it.
    """

    def __init__(self, count: int, waiting: int) -> None:
        self._left = count
        self._max_waiting = waiting
        self._lock = Lock()
        self._waiting = deque[_Job[Any]]()
        # The last one first: what it needs is in the processor's cache.
        self._idle: list[_Thread] = []
        self._working = set[_Thread]()
        self._is_watched = False

    def __del__(self) -> None:
        """End the threads, which are all idle: one at work has a reference to this."""
        for thread in self._idle:
            thread.given.put(None)

    def begin(
        self, work: Callable[[], T], *, ended: Callable[[], None], drop: Callable[[T], None]
    ) -> asyncio.Future[T]:
        """Queue work.

        Args:
            work: is called in a thread.
            ended: called in the event loop when no thread is at work on it any more, or ever will
                be.
            drop: called in the event loop with a result that came after the deadline.

        Returns:
            A future of its result, which the caller may complete first.

        Raises:
            Overloaded: too many jobs wait already; by the future, where this one waited too long.
                Its work has not begun then.
        """
        loop = asyncio.get_running_loop()
        job = _Job(work, ended, drop, loop.create_future(), time.monotonic() + _WAIT_SECONDS)
        with self._lock:
            is_full = len(self._waiting) >= self._max_waiting
            if not is_full:
                self._waiting.append(job)
                self._hand_out()
        if is_full:
            ended()
            raise _overloaded()
        if self._waiting and not self._is_watched:
            self._watch(loop)
        return job.future

    def let_another_work(self, thread: "_Thread") -> None:
        """Begin another job while this thread is blocked."""
        with self._lock:
            self._working.discard(thread)
            self._hand_out()

    def resume(self, thread: "_Thread") -> None:
        """Count this thread again; until a job ends, more may work than otherwise."""
        with self._lock:
            self._working.add(thread)

    def next_job(self, thread: "_Thread") -> _Job[Any] | None:
        """Return the next job of a thread that has ended one; None where it must wait for it."""
        with self._lock:
            self._working.discard(thread)
            if self._waiting and len(self._working) < AT_ONCE:
                self._working.add(thread)
                return self._waiting.popleft()
            self._idle.append(thread)
            return None

    def _hand_out(self) -> None:
        """Give waiting jobs to further threads, while some may work; the caller holds the lock."""
        while self._waiting and len(self._working) < AT_ONCE and (self._idle or self._left):
            if self._idle:
                thread = self._idle.pop()
            else:
                self._left -= 1
                thread = _Thread()
            self._working.add(thread)
            thread.given.put((self, self._waiting.popleft()))

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_watched = True
        loop.call_later(_BLOCKED_SECONDS, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let others work instead of threads that are blocked without a mark."""
        self._is_watched = False
        if not self._waiting:
            return
        since = time.monotonic() - _BLOCKED_SECONDS
        with self._lock:
            self._working -= {each for each in self._working if each.began < since}
            self._hand_out()
        self._watch(loop)


class _Thread(Thread):
    """A thread that does one job after the other."""

    def __init__(self) -> None:
        super().__init__(name="request", daemon=True)
        self.given = SimpleQueue[tuple[Threads, _Job[Any]] | None]()
        self.began = time.monotonic()
        self._threads: Threads | None = None
        self.start()

    def run(self) -> None:
        """Do jobs until there is nobody who gives one."""
        BLOCKING.thread = self
        while given := self.given.get():
            self._threads, job = given
            del given
            self._work_off(self._threads, job)
            self._threads = None

    def _work_off(self, threads: Threads, job: _Job[Any] | None) -> None:
        while job is not None:
            self.began = time.monotonic()
            job.run()
            job = threads.next_job(self)

    def begin_blocking(self) -> None:
        """Let another thread work."""
        if self._threads is not None:
            self._threads.let_another_work(self)

    def end_blocking(self) -> None:
        """Work again."""
        if self._threads is not None:
            self._threads.resume(self)


def _overloaded() -> Overloaded:
    return Overloaded(
        "Too many requests are waiting; send this one again later.", headers={"Retry-After": "5"}
    )
