"""Receive the parts of a body, in time."""

import asyncio
from collections.abc import AsyncIterator

from open_event_uploads.errors import BodyLengthMismatch, RequestTimeout, RequestTooLarge
from open_event_uploads.server.asgi import Receive

# Apache's mod_reqtimeout, `body=20,MinRate=500`: a client has 20 seconds, and a second more for
# every 500 bytes that came.
_SECONDS = 20.0
_MIN_BYTES_A_SECOND = 500


async def receive_parts(
    length: int | None, max_length: int, receive: Receive
) -> AsyncIterator[bytes]:
    """Yield the parts of a body as they arrive.

    Args:
        length: bytes, as announced, where the server ends the body; None if that is not known.
        max_length: bytes; more are not received.
        receive: ASGI's.

    Raises:
        BodyLengthMismatch: the client went away before the body was whole.
        RequestTimeout: it came too slowly.
        RequestTooLarge: it is too long.
    """
    clock = asyncio.get_running_loop().time
    started, came, is_over = clock(), 0, length == 0
    while not is_over:
        # However fast a client began, its pauses are no longer than the first one may be.
        until = min(started + came / _MIN_BYTES_A_SECOND, clock()) + _SECONDS
        try:
            async with asyncio.timeout_at(until):
                event = await receive()
        except TimeoutError:
            raise _too_slow(length, came, clock() - started) from None
        if event["type"] != "http.request":
            raise _cut_short(length, came)
        part, more = event["body"], event["more_body"]
        came += len(part)
        is_over = not more if length is None else came >= length
        if not (is_over or part or more):
            # A client that closed only its own side still reads this.
            raise _cut_short(length, came)
        RequestTooLarge.raise_beyond(
            max_length, came, f"The body has more than {max_length} bytes, which are allowed."
        )
        if part:
            yielded = clock()
            yield part
            # The client is not to blame for the time that its bytes took on their way to a disk.
            started += clock() - yielded


def _too_slow(length: int | None, came: int, seconds: float) -> RequestTimeout:
    announced = "the body" if length is None else f"{length} bytes"
    return RequestTimeout(
        f"Of {announced} {came}{' bytes' if length is None else ''} came in {seconds:.0f} seconds.",
        headers={"Connection": "close"},
    )


def _cut_short(length: int | None, came: int) -> BodyLengthMismatch:
    if length is None:
        return BodyLengthMismatch(f"The body broke off after {came} bytes, before its last chunk.")
    return BodyLengthMismatch(f"Content-Length is {length} bytes; the body has {came}.")
