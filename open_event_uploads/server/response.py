"""Send answers of WSGI by ASGI."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from open_event_uploads.server.asgi import Environ, Headers, Receive, Send, Wsgi
from open_event_uploads.server.body import Input
from open_event_uploads.server.exchange import exchange_of
from open_event_uploads.server.headers import content_length
from open_event_uploads.server.paused_request import PausedRequest

# A client that takes nothing for so long is disconnected.
_STALLED_SECONDS = 60.0


@dataclass(slots=True)
class Answer:
    """An answer that has begun.

    Args:
        status: of HTTP.
        headers: in the order in which they are sent.
        first: the first part of the body; all of it where `rest` is None.
        rest: the parts that follow.
        close: ends the answer; already called where `rest` is None.
    """

    status: int
    headers: Headers
    first: bytes
    rest: Iterator[bytes] | None
    close: Callable[[], None]


@dataclass(slots=True)
class PausedAnswer:
    """The answer to a request whose body is awaited.

    Args:
        request: goes on once that is there.
        begun: the status and the headers, as soon as they are known.
    """

    request: PausedRequest
    begun: list[Any]

    def begin(self, body: Input) -> Answer:
        """Let the request go on, and read the first part of its answer."""
        return _first_part(self.request.resume(body), self.begun)

    def close(self) -> None:
        """Drop the request, unless it has been answered."""
        self.request.close()


def begin_answer(application: Wsgi, environ: Environ) -> Answer | PausedAnswer:
    """Call an application of WSGI, and read the first part of its answer, unless it pauses."""
    begun: list[Any] = []

    def start_response(status: str, headers: Headers, _: object = None) -> None:
        begun[:] = int(status[:3]), headers

    parts = application(environ, start_response)
    if (paused := exchange_of(environ).paused) is not None:
        return PausedAnswer(paused, begun)
    return _first_part(parts, begun)


def _first_part(parts: Iterable[bytes], begun: list[Any]) -> Answer:
    close = getattr(parts, "close", _nothing)
    try:
        rest = iter(parts)
        first = next(rest, b"")
        status, headers = begun
    except BaseException:
        close()
        raise
    # An empty first part is an empty body, as after HEAD.
    length = content_length(headers)
    if first and (length is None or len(first) < length):
        return Answer(status, headers, first, rest, close)
    close()
    return Answer(status, headers, first, None, _nothing)


async def send_answer(answer: Answer, send: Send, receive: Receive, threads: Executor) -> None:
    """Send an answer as fast as the client takes it; threads read its parts, and none waits.

    Args:
        answer: as it began.
        send: ASGI's.
        receive: ASGI's; after the request it reports that the client has gone.
        threads: to read the rest in.
    """
    headers = [(_name(name), value.encode("latin-1")) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.rest is None:
        # The server takes a whole body at once, and does not wait for the client.
        await send({"type": "http.response.body", "body": answer.first, "more_body": False})
        return
    loop = asyncio.get_running_loop()
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        part = answer.first
        while part and not gone.done():
            # Raises `TimeoutError` for a client that takes nothing.
            await _send_part(part, send, more=True)
            part = await loop.run_in_executor(threads, next, answer.rest, b"")
        if not part:
            await _send_part(b"", send, more=False)
    finally:
        gone.cancel()
        await asyncio.shield(loop.run_in_executor(threads, answer.close))


async def _send_part(part: bytes, send: Send, *, more: bool) -> None:
    async with asyncio.timeout(_STALLED_SECONDS):
        await send({"type": "http.response.body", "body": part, "more_body": more})


async def _disconnected(receive: Receive) -> None:
    """Wait for the client to go; before that ASGI may report the end of the request."""
    while (await receive())["type"] != "http.disconnect":
        pass


@lru_cache(256)
def _name(name: str) -> bytes:
    """Return a header field's name as ASGI has it; there are few names."""
    return name.lower().encode("latin-1")


def _nothing() -> None:
    """Close nothing."""
