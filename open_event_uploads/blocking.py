"""Mark where a thread waits for something other than the processor: a disk, a lock, a process.

The server lets one of a worker's threads work at a time, and another one while that is blocked
(`server/thread_pool.py`). In any other thread a mark does nothing.
"""

import threading
from typing import Protocol


class PoolThread(Protocol):
    """A thread of a pool that wants to know when it is blocked."""

    def begin_blocking(self) -> None:
        """Let another thread work."""

    def end_blocking(self) -> None:
        """Work again."""


class Blocking(threading.local):
    """A context manager around calls that block; one inside another changes nothing."""

    thread: PoolThread | None = None
    _depth = 0

    def __enter__(self) -> None:
        """Begin to be blocked."""
        if self.thread is not None:
            self._depth += 1
            if self._depth == 1:
                self.thread.begin_blocking()

    def __exit__(self, *_: object) -> None:
        """Go on."""
        if self.thread is not None:
            self._depth -= 1
            if self._depth == 0:
                self.thread.end_blocking()


# `with BLOCKING:` around the calls. A pool sets `BLOCKING.thread` in each of its threads.
BLOCKING = Blocking()
