"""Hand a body over to a receiver while it arrives."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import TypeVar

from open_event_uploads.errors import BodyLengthMismatch, RequestTimeout, UploadsError
from open_event_uploads.imaging.spool import KeepingReceiver, Receiver

log = logging.getLogger(__name__)

T = TypeVar("T")

# Given to a receiver at once, in a thread: its disk may be slow.
_AT_ONCE_BYTES, _AT_ONCE_PARTS = 1024**2, 1000

# What came is not held for longer: the connection may hang, and never be heard of again.
_HELD_SECONDS = 1.0

# After these, a receiver may keep what came.
_BROKEN_OFF = (BodyLengthMismatch, RequestTimeout, asyncio.CancelledError)


class Handover:
    """Hand over what has come in a thread, while the next parts arrive.

    A body that is whole before anything of it was handed over is short: it stays in memory.

    Args:
        make_receiver: makes what is given all parts, in their order; called in a thread.
        threads: in one of which at a time the receiver is made and called.
    """

    def __init__(self, make_receiver: Callable[[], Receiver], threads: Executor) -> None:
        self._make_receiver = make_receiver
        self._threads = threads
        self._receiver: Receiver | None = None
        self._has_begun = False
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._is_due = asyncio.Event()
        self._has_space = asyncio.Event()
        self._has_ended = False
        self._timer: asyncio.TimerHandle | None = None
        self._appending = asyncio.ensure_future(self._append())

    async def add(self, part: bytes) -> None:
        """Take a part, as soon as not too much is held; a slow disk slows the client down."""
        is_too_long = self._held_bytes + len(part) > _AT_ONCE_BYTES
        if self._held and (is_too_long or len(self._held) >= _AT_ONCE_PARTS):
            self._has_space.clear()
            self._is_due.set()
            await self._has_space.wait()
        self.hold(part)

    def hold(self, part: bytes) -> None:
        """Take a part, of those that came before the handover began."""
        self._held.append(part)
        self._held_bytes += len(part)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_HELD_SECONDS, self._is_due.set)

    async def complete(
        self, reading: asyncio.Future[None], memory: Callable[[int], bool]
    ) -> Receiver | bytes:
        """Return the receiver as soon as it has everything; close it if that fails.

        Where nothing was handed over, and there is memory for it, return the whole body instead.

        Args:
            reading: adds all parts.
            memory: returns whether there is memory for so many bytes.

        Raises:
            As `reading`, and as `Receiver.append`, as soon as that fails.
        """
        try:
            # It ends first only if it fails.
            await asyncio.wait((reading, self._appending), return_when=asyncio.FIRST_COMPLETED)
            if not self._appending.done():
                await reading
                if self._may_stay(memory):
                    self._appending.cancel()
                    return b"".join(self._take())
                self._end()
            # The threads go on when the caller is cancelled.
            await asyncio.shield(self._appending)
        except BaseException as error:
            await self._break_off(reading, is_kept=isinstance(error, _BROKEN_OFF))
            raise
        assert self._receiver is not None  # noqa: S101 - made for the first parts
        return self._receiver

    def _may_stay(self, memory: Callable[[int], bool]) -> bool:
        is_untouched = not (self._has_begun or self._is_due.is_set())
        return is_untouched and memory(self._held_bytes)

    def _end(self) -> None:
        self._has_ended = True
        self._is_due.set()

    async def _append(self) -> None:
        while not (self._has_ended and not self._held):
            await self._is_due.wait()
            self._is_due.clear()
            parts = self._take()
            if parts:
                self._has_begun = True
                await self._run(partial(self._give, parts))

    def _give(self, parts: list[bytes]) -> None:
        self._made_receiver().append(parts)

    def _made_receiver(self) -> Receiver:
        if self._receiver is None:
            self._receiver = self._make_receiver()
        return self._receiver

    def _run(self, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _take(self) -> list[bytes]:
        parts, self._held, self._held_bytes = self._held, [], 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._has_space.set()
        return parts

    async def _break_off(self, reading: asyncio.Future[None], *, is_kept: bool) -> None:
        reading.cancel()
        if not is_kept:
            self._take()
        self._end()
        _, appended = await asyncio.gather(reading, self._appending, return_exceptions=True)
        if is_kept and not isinstance(appended, BaseException):
            await self._run(self._keep)
        elif self._receiver is not None:
            await self._run(self._receiver.close)

    def _keep(self) -> None:
        receiver = self._made_receiver()
        try:
            if isinstance(receiver, KeepingReceiver):
                receiver.keep()
        except UploadsError as error:
            # The client will send it again.
            log.warning("what came of a body was not kept: %s", error)
        finally:
            receiver.close()
