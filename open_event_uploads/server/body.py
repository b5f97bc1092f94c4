"""Receive the body of a request: whole, in time, and in memory or in a receiver."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import BinaryIO

from open_event_uploads.imaging.spool import Receiver
from open_event_uploads.server.handover import Handover

# A longer body waits in a file, and so does one if the others take too much memory.
_IN_MEMORY_BYTES = 8 * 1024**2
_ALL_IN_MEMORY_BYTES = 64 * 1024**2

# A list of parts of a few bytes takes many times as many.
_JOINED_PARTS = 1000

# The input of an environment of WSGI: what is to be read, or what was given the body as it arrived.
Input = BinaryIO | Receiver


@dataclass(slots=True)
class MemoryBudget:
    """The memory that the bodies of one process may still take.

    Args:
        left_bytes: for all of them together.
    """

    left_bytes: int = _ALL_IN_MEMORY_BYTES

    def has_space(self, length: int | None) -> bool:
        """Return whether a body of this length (bytes; None: unknown) may be kept in memory."""
        return length is not None and length <= min(_IN_MEMORY_BYTES, self.left_bytes)


@dataclass(slots=True)
class Body:
    """A body that is whole.

    Args:
        content: to be read once; where it was too long for memory, the receiver that has it.
        length: bytes.
        memory: the budget that it takes from.
        taken_bytes: what it takes of it.
    """

    content: Input
    length: int
    memory: MemoryBudget
    taken_bytes: int = 0

    def close(self, threads: Executor) -> None:
        """Drop the bytes, and give the memory back; called in the event loop.

        Args:
            threads: in one of which a receiver is closed: it may wait for a disk or a database.
        """
        if isinstance(self.content, io.BytesIO):
            self.content.close()
        else:
            threads.submit(self.content.close)
        self.memory.left_bytes += self.taken_bytes
        self.taken_bytes = 0


class Reception:
    """A body that is being received: into memory, and into a receiver as soon as there is one.

    Args:
        parts: of the body.
        length: bytes; None if that is not known.
        memory: shared by all bodies of the process.
        threads: likewise; a receiver takes the body in one of them.

    Attributes:
        is_in_memory: whether it takes memory; any other is to be handed over at once.
    """

    def __init__(
        self,
        parts: AsyncIterator[bytes],
        length: int | None,
        memory: MemoryBudget,
        threads: Executor,
    ) -> None:
        self.is_in_memory = memory.has_space(length)
        self._memory = memory
        self._threads = threads
        self._taken_bytes = 0
        self._take(length if length is not None and self.is_in_memory else 0)
        self._joined: list[bytes] = []
        self._parts: list[bytes] = []
        self._came_bytes = 0
        self._handover: Handover | None = None
        self._reading = asyncio.ensure_future(self._read(parts))

    async def is_whole_within(self, seconds: float) -> bool:
        """Return whether the body is whole in this time; one that breaks off is not."""
        await asyncio.wait((self._reading,), timeout=seconds)
        return self._is_whole()

    def hand_over(self, make_receiver: Callable[[], Receiver]) -> None:
        """Give a new receiver what came and what will come, unless the body is whole already."""
        if self._is_whole():
            return
        self._handover = Handover(make_receiver, self._threads)
        for part in (*self._joined, *self._parts):
            self._handover.hold(part)
        self._give_back()

    def _is_whole(self) -> bool:
        return self._reading.done() and self._reading.exception() is None

    async def finish(self) -> Body:
        """Wait for the whole body; the caller closes it.

        Raises:
            As of `receive_parts`, and of `Receiver.append`.
        """
        if self._handover is not None:
            received = await self._handover.complete(self._reading, self._memory.has_space)
            if not isinstance(received, bytes):
                return Body(received, self._came_bytes, self._memory)
            self._take(len(received))
            return self._in_memory(received)
        try:
            await self._reading
        except BaseException:
            self._give_back()
            raise
        self._join()
        return self._in_memory(
            self._joined[0] if len(self._joined) == 1 else b"".join(self._joined)
        )

    def _in_memory(self, content: bytes) -> Body:
        return Body(io.BytesIO(content), self._came_bytes, self._memory, self._taken_bytes)

    async def close(self) -> bool:
        """Stop to receive, and drop what came; return whether it had ended."""
        self._reading.cancel()
        await asyncio.wait((self._reading,))
        self._give_back()
        if self._reading.cancelled():
            return False
        self._reading.exception()  # else asyncio logs it
        return True

    async def _read(self, parts: AsyncIterator[bytes]) -> None:
        async for part in parts:
            self._came_bytes += len(part)
            if self._handover is not None:
                await self._handover.add(part)
                continue
            self._parts.append(part)
            if len(self._parts) >= _JOINED_PARTS:
                self._join()

    def _join(self) -> None:
        self._joined.append(b"".join(self._parts))
        self._parts = []

    def _take(self, size: int) -> None:
        self._memory.left_bytes -= size
        self._taken_bytes = size

    def _give_back(self) -> None:
        self._joined, self._parts = [], []
        self._memory.left_bytes += self._taken_bytes
        self._taken_bytes = 0
