"""Count how often the current thread is blocked."""

from collections.abc import Iterator
from contextlib import contextmanager

from open_event_uploads.blocking import BLOCKING


class Blocked:
    """A thread of a pool that counts.

    Attributes:
        begun: how often it began to be blocked.
        ended: how often it went on.
    """

    def __init__(self) -> None:
        self.begun = self.ended = 0

    def begin_blocking(self) -> None:
        self.begun += 1

    def end_blocking(self) -> None:
        self.ended += 1


@contextmanager
def counted() -> Iterator[Blocked]:
    """Count within this block."""
    BLOCKING.thread = blocked = Blocked()
    try:
        yield blocked
    finally:
        BLOCKING.thread = None
    assert blocked.begun == blocked.ended
