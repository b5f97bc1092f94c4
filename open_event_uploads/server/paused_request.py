"""A request between its head and its body."""

from collections.abc import Generator, Iterable
from contextvars import Context
from typing import BinaryIO


class PausedRequest:
    """A request whose head was accepted and whose body is awaited; no thread waits with it.

    Args:
        steps: what is still to be done, as a generator that waits at its only `yield`
            (`Application.wsgi_app`): it is sent the body, and returns the body of the answer.
        context: in which it began. Flask's context variables can be reset in no other.
    """

    def __init__(self, steps: Generator[None, BinaryIO, Iterable[bytes]], context: Context) -> None:
        self._steps = steps
        self._context = context

    def resume(self, body: BinaryIO) -> Iterable[bytes]:
        """Go on, in any thread; return the body of the answer."""
        try:
            self._context.run(self._steps.send, body)
        except StopIteration as end:  # a generator returns its value so
            answer: Iterable[bytes] = end.value
            return answer
        raise RuntimeError("A request pauses once.")

    def close(self) -> None:
        """Drop the request, unless it has been answered; no thread may be at work on it."""
        self._context.run(self._steps.close)
