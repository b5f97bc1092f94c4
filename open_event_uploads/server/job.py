"""Do the work of one request in a thread, and tell the event loop what came out."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from open_event_uploads.errors import Overloaded

T = TypeVar("T")


@dataclass(slots=True)
class Job(Generic[T]):
    """Work for a thread.

    Args:
        work, ended, drop: as of `ThreadPool.begin`.
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
            return partial(self._fail, overloaded())
        try:
            return partial(self._succeed, self.work())
        except BaseException as error:  # noqa: BLE001 - the future has it
            return partial(self._fail, error)

    def _succeed(self, result: T) -> None:
        try:
            self.ended()
        finally:  # whoever waits is told, though something could not be closed
            if self.future.done():
                self.drop(result)
            else:
                self.future.set_result(result)

    def _fail(self, error: BaseException) -> None:
        try:
            self.ended()
        finally:  # as above
            if not self.future.done():
                self.future.set_exception(error)


def overloaded() -> Overloaded:
    """Return the error of a request that no thread will answer in time."""
    return Overloaded(
        "Too many requests are waiting; send this one again later.", headers={"Retry-After": "5"}
    )
