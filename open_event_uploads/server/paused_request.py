"""A request between its head and its body."""

from collections.abc import Callable, Generator, Iterable
from contextvars import Context

from open_event_uploads.imaging.spool import Receiver
from open_event_uploads.server.body import Input

# It yields once what makes a receiver of the request's body, is sent that body, and returns the
# body of the answer.
Steps = Generator[Callable[[], Receiver], Input, Iterable[bytes]]


class PausedRequest:
    """A request whose head was accepted and whose body is awaited; no thread waits with it.

    Args:
        steps: what is still to be done, waiting at its only `yield` (`Application.wsgi_app`).
        context: in which it began. Flask's context variables can be reset in no other.
        make_receiver: makes what the body is given to as it arrives, if it is too long for memory.
    """

    def __init__(
        self, steps: Steps, context: Context, make_receiver: Callable[[], Receiver]
    ) -> None:
        self.make_receiver = make_receiver
        self._steps = steps
        self._context = context

    def resume(self, body: Input) -> Iterable[bytes]:
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
