"""Describe what is done without doing it, so that both clients do the same.

An operation is a generator: it yields the next step, is sent the answer, and returns its result.
`Conversation` goes through one; a client only carries out each step in its own way.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from open_event_uploads_client.errors import ConnectionLost
from open_event_uploads_client.files import Part

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """A request to send.

    Args:
        method: of HTTP.
        url: absolute.
        headers: by their names.
        content: the body, or the part of a file that is the body.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | Part = b""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that came.

    Args:
        status: of HTTP.
        headers: by their names in lower case.
        content: the body.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before the next step.

    Args:
        seconds: how long.
    """

    seconds: float


Step = Request | Pause
Steps = Generator[Step, Response | None, T]


def ask(request: Request) -> Steps[Response]:
    """Send a request and return its answer; raise ConnectionLost if none comes."""
    response = yield request
    assert response  # noqa: S101 - that of a pause alone is None
    return response


class Conversation(Generic[T]):
    """Go through the steps of an operation.

    Args:
        steps: the operation.

    Attributes:
        step: the next one to carry out; None once there is a result.
        result: what the operation returned.
    """

    result: T

    def __init__(self, steps: Steps[T]) -> None:
        self._steps = steps
        self.step: Step | None = None
        self.answer(None)

    def answer(self, response: Response | None) -> None:
        """Tell the answer to a request, or that a pause is over."""
        try:
            self.step = self._steps.send(response)
        except StopIteration as ended:
            self._end(ended)

    def lose(self, cause: Exception) -> None:
        """Tell that a request got no answer."""
        lost = ConnectionLost(f"{type(cause).__name__}: {cause}")
        lost.__cause__ = cause
        try:
            self.step = self._steps.throw(lost)
        except StopIteration as ended:
            self._end(ended)

    def _end(self, ended: StopIteration) -> None:
        self.result, self.step = ended.value, None
