"""The threads in which requests are worked on, and how long a request may wait for one."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import ParamSpec, TypeVar

from open_event_uploads.errors import Overloaded

P = ParamSpec("P")
T = TypeVar("T")

# Whoever has waited so long for a thread has given up, or should try again.
_WAIT_SECONDS = 20.0


class Threads:
    """A number of threads, and a queue before them that ends.

    Args:
        count: of the threads.
        waiting: the most that may wait for them.
    """

    def __init__(self, count: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="request")
        self._places = BoundedSemaphore(count + waiting)

    async def run(self, work: Callable[P, T], *args: P.args, **_: P.kwargs) -> T:
        """Do something in a thread.

        Raises:
            Overloaded: too many wait already, or this waited too long; nothing has been done.
        """
        if not self._places.acquire(blocking=False):
            raise _overloaded()
        until = time.monotonic() + _WAIT_SECONDS
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._do, until, work, *args)

    def _do(self, until: float, work: Callable[..., T], *args: object) -> T:
        try:
            if time.monotonic() > until:
                raise _overloaded()
            return work(*args)
        finally:
            self._places.release()


def _overloaded() -> Overloaded:
    return Overloaded("Too many requests wait for their turn.", headers={"Retry-After": "5"})
