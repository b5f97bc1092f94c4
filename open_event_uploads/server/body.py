"""Receive the body of a request: whole, in time, and in memory or in a file."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import BinaryIO

from open_event_uploads.errors import BodyLengthMismatch, RequestTimeout
from open_event_uploads.imaging.spool import Spool, open_spool
from open_event_uploads.server.asgi import Receive

# Apache's mod_reqtimeout, `body=20,MinRate=500`: a client has 20 seconds, and a second more for
# every 500 bytes that came.
_SECONDS = 20.0
_MIN_BYTES_A_SECOND = 500

# A longer body waits in a file, and so does one if the others take too much memory.
_IN_MEMORY_BYTES = 8 * 1024**2
_ALL_IN_MEMORY_BYTES = 64 * 1024**2

# Written at once, in a thread: the disk may be slow.
_WRITTEN_AT_ONCE_BYTES = 1024**2


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
        content: to be read once; a `FileIO` where it waits in a file.
        memory: the budget that it takes from.
        taken_bytes: what it takes of it.
    """

    content: BinaryIO
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
    make_spool: Callable[[], Spool] | None = None,
) -> Body:
    """Receive a body.

    Args:
        length: bytes, as announced; the server ends a body there.
        receive: ASGI's.
        memory: shared by all bodies of the process.
        make_spool: opens the file that it waits in; by default one that ends with the process.

    Returns:
        The body; the caller closes it.

    Raises:
        BodyLengthMismatch: the client went away before it was whole.
        RequestTimeout: it came too slowly.
        StorageFull: the disk is full.
    """
    if not length:
        return Body(io.BytesIO(), memory, 0)
    if length > min(_IN_MEMORY_BYTES, memory.left_bytes):
        return Body(await _in_file(length, receive, (make_spool or open_spool)()), memory, 0)
    memory.left_bytes -= length
    try:
        content = await _in_memory(length, receive)
    except BaseException:
        memory.left_bytes += length
        raise
    return Body(content, memory, length)


async def _in_memory(length: int, receive: Receive) -> BinaryIO:
    parts = [part async for part in _receive_parts(length, receive)]
    return io.BytesIO(parts[0] if len(parts) == 1 else b"".join(parts))


async def _in_file(length: int, receive: Receive, spool: Spool) -> BinaryIO:
    """Write each part while the next one arrives; a slow disk slows the client down."""
    writing, held, held_bytes = _done(), list[bytes](), 0
    try:
        async for part in _receive_parts(length, receive):
            held.append(part)
            held_bytes += len(part)
            if held_bytes >= _WRITTEN_AT_ONCE_BYTES:
                await asyncio.shield(writing)
                writing, held, held_bytes = _write(spool, held), [], 0
        await asyncio.shield(writing)
        writing = _write(spool, held)
        await asyncio.shield(writing)
        spool.seek(0)
    except BaseException:
        await asyncio.wait([writing])
        spool.close()
        raise
    return spool


def _write(spool: Spool, parts: list[bytes]) -> asyncio.Future[None]:
    """Write in a thread, which goes on when the caller is cancelled."""
    return asyncio.ensure_future(asyncio.to_thread(spool.append, parts))


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
