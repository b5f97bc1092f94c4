"""The threads that answer requests, and the bounded queue before them."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Generic, TypeVar

from open_event_uploads.errors import Overloaded

T = TypeVar("T")

# A client that has waited so long for a thread has given up, or should try again.
_WAIT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """Work for a thread.

    Args:
        work: does it.
        ended: called in the event loop when no thread works on the job any more, or ever will.
        drop: called in the event loop with a result that came after the deadline.
    """

    work: Callable[[], T]
    ended: Callable[[], None]
    drop: Callable[[T], None]


class Threads:
    """A number of threads, and a queue before them for so many waiting jobs."""

    def __init__(self, count: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="request")
        self._places = BoundedSemaphore(count + waiting)

    def begin(self, job: Job[T]) -> asyncio.Future[T]:
        """Queue a job.

        One call hands its result to the event loop, instead of two futures and a task.

        Returns:
            A future of its result, which the caller may complete first.

        Raises:
            Overloaded: too many jobs wait already; by the future, where this one waited too long.
                Its work has not begun then.
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
        except BaseException as error:  # noqa: BLE001 - the future has it
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
    return Overloaded(
        "Too many requests are waiting; send this one again later.", headers={"Retry-After": "5"}
    )
