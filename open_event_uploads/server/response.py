"""What WSGI answers, for ASGI to send."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from open_event_uploads.server.asgi import Environ, Headers, Receive, Send, Wsgi

# A client that takes nothing for so long is let go.
_STALLED_SECONDS = 60.0


@dataclass(slots=True)
class Answer:
    """An answer that has begun.

    Args:
        status: of HTTP.
        headers: in the order in which they are sent.
        first: part of the body; all of it where there is no rest.
        rest: the parts that follow.
        close: ends the answer; where there is no rest it has been called.
    """

    status: int
    headers: Headers
    first: bytes
    rest: Iterator[bytes] | None
    close: Callable[[], None]


def begin_answer(application: Wsgi, environ: Environ) -> Answer:
    """Let an application of WSGI work on a request, to the first part of its answer."""
    said: list[Any] = []

    def start_response(status: str, headers: Headers, _: object = None) -> None:
        said[:] = int(status[:3]), headers

    parts = application(environ, start_response)
    close = getattr(parts, "close", _nothing)
    try:
        rest = iter(parts)
        first = next(rest, b"")
        status, headers = said
    except BaseException:
        close()
        raise
    # Nothing at first is nothing at all, as after HEAD.
    if first and len(first) < _length(headers):
        return Answer(status, headers, first, rest, close)
    close()
    return Answer(status, headers, first, None, _nothing)


async def send_answer(answer: Answer, send: Send, receive: Receive, threads: Executor) -> None:
    """Send an answer as fast as the client takes it; a thread reads each part, and none waits.

    Args:
        answer: as it began.
        send: ASGI's.
        receive: ASGI's; what it says after the request is that the client has gone.
        threads: for the parts that are still to be read.
    """
    headers = [(_name(name), value.encode("latin-1")) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.rest is None:
        # The server takes what is whole at once, and does not wait for the client.
        await send({"type": "http.response.body", "body": answer.first, "more_body": False})
        return
    loop = asyncio.get_running_loop()
    gone = asyncio.ensure_future(_leaving(receive))
    try:
        part = answer.first
        while part and not gone.done():
            # A client that takes nothing finds the connection closed.
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


async def _leaving(receive: Receive) -> None:
    """Wait for the client to go; until then ASGI may tell of the end of the request."""
    while (await receive())["type"] != "http.disconnect":
        pass


@lru_cache(256)
def _name(name: str) -> bytes:
    """A field's name as ASGI has it; there are not many."""
    return name.lower().encode("latin-1")


def _length(headers: Headers) -> float:
    """Content-Length; an answer that does not say how long it is goes on until it ends."""
    for name, value in headers:
        if name.lower() == "content-length":
            return int(value)
    return float("inf")


def _nothing() -> None:
    """There is nothing to close."""
