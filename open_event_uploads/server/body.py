"""Receive the body of a request: whole, in time, and in memory or in a file."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import BinaryIO

from open_event_uploads.errors import BodyLengthMismatch, RequestTimeout
from open_event_uploads.imaging.spool import Receiver, open_spool
from open_event_uploads.server.asgi import Receive

# Apache's mod_reqtimeout, `body=20,MinRate=500`: a client has 20 seconds, and a second more for
# every 500 bytes that came.
_SECONDS = 20.0
_MIN_BYTES_A_SECOND = 500

# A longer body waits in a file, and so does one if the others take too much memory.
_IN_MEMORY_BYTES = 8 * 1024**2
_ALL_IN_MEMORY_BYTES = 64 * 1024**2

# Given to a receiver at once, in a thread: its disk may be slow. Or joined at once, in memory.
_AT_ONCE_BYTES, _AT_ONCE_PARTS = 1024**2, 1000

# The input of an environment of WSGI: what is to be read, or what was given the body as it arrived.
Input = BinaryIO | Receiver


@dataclass(slots=True)
class MemoryBudget:
    """The memory that the bodies of one process may still take.

    Args:
        left_bytes: for all of them together.
    """

    left_bytes: int = _ALL_IN_MEMORY_BYTES


@dataclass(slots=True)
class Body:
    """A body that is whole.

    Args:
        content: to be read once; where it was too long for memory, the receiver that has it.
        memory: the budget that it takes from.
        taken_bytes: what it takes of it.
    """

    content: Input
    memory: MemoryBudget
    taken_bytes: int

    def close(self) -> None:
        """Drop the bytes, and give the memory back."""
        self.content.close()
        self.memory.left_bytes += self.taken_bytes
        self.taken_bytes = 0


async def receive_body(
    length: int,
    receive: Receive,
    memory: MemoryBudget,
    make_receiver: Callable[[], Receiver] = open_spool,
) -> Body:
    """Receive a body.

    Args:
        length: bytes, as announced; the server ends a body there.
        receive: ASGI's.
        memory: shared by all bodies of the process.
        make_receiver: makes what the body is given to as it arrives, if it is too long for memory.

    Returns:
        The body; the caller closes it.

    Raises:
        BodyLengthMismatch: the client went away before it was whole.
        RequestTimeout: it came too slowly.
        StorageFull: the disk is full.
        As `Receiver.append`.
    """
    if not length:
        return Body(io.BytesIO(), memory, 0)
    if length > min(_IN_MEMORY_BYTES, memory.left_bytes):
        return Body(await _in_parts(length, receive, make_receiver()), memory, 0)
    memory.left_bytes -= length
    try:
        content = await _in_memory(length, receive)
    except BaseException:
        memory.left_bytes += length
        raise
    return Body(content, memory, length)


async def _in_memory(length: int, receive: Receive) -> io.BytesIO:
    joined, parts = list[bytes](), list[bytes]()
    async for part in _receive_parts(length, receive):
        parts.append(part)
        if len(parts) >= _AT_ONCE_PARTS:
            # A list of parts of a few bytes takes many times as many.
            joined.append(b"".join(parts))
            parts = []
    joined += parts
    return io.BytesIO(joined[0] if len(joined) == 1 else b"".join(joined))


async def _in_parts(length: int, receive: Receive, receiver: Receiver) -> Receiver:
    """Hand over each part while the next one arrives; a slow disk slows the client down."""
    handing_over, held, held_bytes = _done(), list[bytes](), 0
    try:
        async for part in _receive_parts(length, receive):
            held.append(part)
            held_bytes += len(part)
            if held_bytes >= _AT_ONCE_BYTES or len(held) >= _AT_ONCE_PARTS:
                await asyncio.shield(handing_over)
                handing_over, held, held_bytes = _hand_over(receiver, held), [], 0
        await asyncio.shield(handing_over)
        handing_over = _hand_over(receiver, held)
        await asyncio.shield(handing_over)
    except BaseException:
        await asyncio.wait([handing_over])
        receiver.close()
        raise
    return receiver


def _hand_over(receiver: Receiver, parts: list[bytes]) -> asyncio.Future[None]:
    """Hand over in a thread, which goes on when the caller is cancelled."""
    return asyncio.ensure_future(asyncio.to_thread(receiver.append, parts))


def _done() -> asyncio.Future[None]:
    done = asyncio.get_running_loop().create_future()
    done.set_result(None)
    return done


async def _receive_parts(length: int, receive: Receive) -> AsyncIterator[bytes]:
    """Yield the parts of a body as they arrive.

    Raises:
        BodyLengthMismatch, RequestTimeout: as of `receive_body`.
    """
    clock = asyncio.get_running_loop().time
    started, came = clock(), 0
    while came < length:
        # However fast a client began, its pauses are no longer than the first one may be.
        until = min(started + came / _MIN_BYTES_A_SECOND, clock()) + _SECONDS
        try:
            async with asyncio.timeout_at(until):
                event = await receive()
        except TimeoutError:
            raise RequestTimeout(
                f"Of {length} bytes {came} came in {clock() - started:.0f} seconds.",
                headers={"Connection": "close"},
            ) from None
        if event["type"] != "http.request" or not (event["body"] or event["more_body"]):
            # A client that closed only its own side still reads this.
            raise BodyLengthMismatch(f"Content-Length is {length} bytes; the body has {came}.")
        came += len(event["body"])
        yield event["body"]
