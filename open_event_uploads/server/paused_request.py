"""A request between its head and its body."""

from collections.abc import Generator, Iterable
from contextvars import Context

from open_event_uploads.jsonapi.expected_body import ExpectedBody
from open_event_uploads.server.body import Input

# It yields once the body that it asks for, is sent that body, and returns the body of the answer.
Steps = Generator[ExpectedBody, Input, Iterable[bytes]]


class PausedRequest:
    """A request whose head was accepted and whose body is awaited; no thread waits with it.

    Args:
        steps: what is still to be done, waiting at its only `yield` (`Application.wsgi_app`).
        context: in which it began. Flask's context variables can be reset in no other.
        expected: the body that is awaited.
    """

    def __init__(self, steps: Steps, context: Context, expected: ExpectedBody) -> None:
        self.expected = expected
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
