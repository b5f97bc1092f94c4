"""The threads in which requests are worked on, and how long a request may wait for one."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Generic, TypeVar

from open_event_uploads.errors import Overloaded

T = TypeVar("T")

# Whoever has waited so long for a thread has given up, or should try again.
_WAIT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """Something to be done in a thread.

    Args:
        work: does it.
        ended: is called in the event loop when no thread works on it any more, or ever will.
        drop: is called in the event loop with a result that nobody waits for any more.
    """

    work: Callable[[], T]
    ended: Callable[[], None]
    drop: Callable[[T], None]


class Threads:
    """A number of threads, and a queue before them that ends.

    Args:
        count: of the threads.
        waiting: the most that may wait for them.
    """

    def __init__(self, count: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="request")
        self._places = BoundedSemaphore(count + waiting)

    def begin(self, job: Job[T]) -> asyncio.Future[T]:
        """Have a job done.

        The result is handed to the event loop in one call, and not through two futures and a task.

        Returns:
            A future of its result; once that is done, whoever waits or not, it is left alone.

        Raises:
            Overloaded: too many wait already; by the future, where this waited too long. Nothing
                has been done then.
        """
        if not self._places.acquire(blocking=False):
            job.ended()
            raise _overloaded()
        future = asyncio.get_running_loop().create_future()
        self._pool.submit(self._do, job, future, time.monotonic() + _WAIT_SECONDS)
        return future

    def _do(self, job: Job[T], future: asyncio.Future[T], until: float) -> None:
        tell = future.get_loop().call_soon_threadsafe
        try:
            result = _in_time(job.work, until)
        except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
            self._places.release()
            tell(_fail, job, future, error)
        else:
            self._places.release()
            tell(_succeed, job, future, result)


def _in_time(work: Callable[[], T], until: float) -> T:
    if time.monotonic() > until:
        raise _overloaded()
    return work()


def _succeed(job: Job[T], future: asyncio.Future[T], result: T) -> None:
    job.ended()
    if future.done():
        job.drop(result)
    else:
        future.set_result(result)


def _fail(job: Job[T], future: asyncio.Future[T], error: BaseException) -> None:
    job.ended()
    if not future.done():
        future.set_exception(error)


def _overloaded() -> Overloaded:
    return Overloaded("Too many requests wait for their turn.", headers={"Retry-After": "5"})
