"""The threads that answer requests, and the bounded queue before them.

Threads that compute at the same time only take the interpreter's lock from each other, at every
call of SQLite and of the system. So one works at a time, and another one does as soon as that one
is blocked: at a mark (`blocking.py`), or for longer than a request computes.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

from open_event_uploads.blocking import BLOCKING
from open_event_uploads.server.job import Job, overloaded

T = TypeVar("T")

# How many threads work at once, those that are blocked not counted (`python -m bench.threads`).
AT_ONCE = 1

# A thread that is at work on one job for longer counts as blocked while others wait.
_BLOCKED_SECONDS = 0.02

# A client that has waited so long for a thread has given up, or should try again.
_WAIT_SECONDS = 20.0


class ThreadPool:
    """Threads, and a queue before them; one event loop uses it.

    Args:
        count: of threads, those that are blocked included.
        waiting: the largest number of jobs that wait for a thread.
    """

    def __init__(self, count: int, waiting: int) -> None:
        self._left = count
        self._max_waiting = waiting
        self._lock = Lock()
        self._waiting = deque[Job[Any]]()
        # The last one first: what it needs is in the processor's cache.
        self._idle: list[_PoolThread] = []
        self._working = set[_PoolThread]()
        self._is_watched = False

    def __del__(self) -> None:
        """End the threads, which are all idle: one at work has a reference to this."""
        for thread in self._idle:
            thread.queue.put(None)

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
        job = Job(work, ended, drop, loop.create_future(), time.monotonic() + _WAIT_SECONDS)
        with self._lock:
            is_full = len(self._waiting) >= self._max_waiting
            if not is_full:
                self._waiting.append(job)
                self._hand_out()
        if is_full:
            ended()
            raise overloaded()
        if self._waiting and not self._is_watched:
            self._watch(loop)
        return job.future

    def let_another_work(self, thread: "_PoolThread") -> None:
        """Let another thread work while this one is blocked."""
        with self._lock:
            self._working.discard(thread)
            self._hand_out()

    def resume(self, thread: "_PoolThread") -> None:
        """Count this thread again; until a job ends, more may work than otherwise."""
        with self._lock:
            self._count(thread)

    def next_job(self, thread: "_PoolThread") -> Job[Any] | None:
        """Return the next job of a thread that has ended one; None where it must wait for it."""
        with self._lock:
            self._working.discard(thread)
            if self._waiting and len(self._working) < AT_ONCE:
                self._count(thread)
                return self._waiting.popleft()
            self._idle.append(thread)
            return None

    def _hand_out(self) -> None:
        """Give waiting jobs to further threads, while some may work; the caller holds the lock."""
        while self._waiting and len(self._working) < AT_ONCE:
            thread = self._idle.pop() if self._idle else self._new_thread()
            if thread is None:
                return
            self._count(thread)
            thread.queue.put((self, self._waiting.popleft()))

    def _count(self, thread: "_PoolThread") -> None:
        thread.began = time.monotonic()
        self._working.add(thread)

    def _new_thread(self) -> "_PoolThread | None":
        """Start a thread; return None if there are enough, or the system lets none start now."""
        if not self._left:
            return None
        try:
            thread = _PoolThread()
        except RuntimeError:
            return None
        self._left -= 1
        return thread

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_watched = True
        loop.call_later(_BLOCKED_SECONDS, self._pass_by_blocked, loop)

    def _pass_by_blocked(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let others work instead of threads that are blocked without a mark."""
        self._is_watched = False
        if not self._waiting:
            return
        since = time.monotonic() - _BLOCKED_SECONDS
        with self._lock:
            self._working -= {each for each in self._working if each.began < since}
            self._hand_out()
        self._watch(loop)


class _PoolThread(Thread):
    """A thread that does one job after the other."""

    def __init__(self) -> None:
        super().__init__(name="request", daemon=True)
        self.queue = SimpleQueue[tuple[ThreadPool, Job[Any]] | None]()
        self.began = 0.0
        self._pool: ThreadPool | None = None
        self.start()

    def run(self) -> None:
        """Do jobs until there is nobody who gives one."""
        BLOCKING.thread = self
        while handed := self.queue.get():
            self._pool, job = handed
            del handed
            self._run_jobs(self._pool, job)
            # An idle thread keeps neither a pool alive nor a request with its answer.
            self._pool = None
            del job

    def _run_jobs(self, pool: ThreadPool, job: Job[Any] | None) -> None:
        while job is not None:
            job.run()
            job = pool.next_job(self)

    def begin_blocking(self) -> None:
        """Let another thread work."""
        if self._pool is not None:
            self._pool.let_another_work(self)

    def end_blocking(self) -> None:
        """Work again."""
        if self._pool is not None:
            self._pool.resume(self)
