"""The body of a request that is on its way: taken along, received when asked for, or discarded."""

import asyncio
import io
from concurrent.futures import Executor

from open_event_uploads.errors import BodyLengthMismatch, RequestTimeout, UploadInterrupted
from open_event_uploads.jsonapi.expected_body import ALLOWANCE_BYTES, ExpectedBody
from open_event_uploads.server.asgi import Headers, Receive
from open_event_uploads.server.body import Body, MemoryBudget, Reception
from open_event_uploads.server.receive_parts import receive_parts

# A short body comes with its head, or right behind it.
_TAKEN_ALONG_SECONDS = 0.01

# A body of up to so much, which is little memory, comes while its head is checked.
_EARLY_BYTES = 1024 * 1024

# What is still sent after an answer is read and dropped, because closing the connection meanwhile
# would reset it, and the client might lose the answer (RFC 9112, section 9.6). As in nginx:
# `lingering_timeout 5s`, `lingering_time 30s`.
_SILENCE_SECONDS = 5.0
_DISCARDING_SECONDS = 30.0


class ArrivingBody:
    """A body that its request's head announces.

    Args:
        headers: of the request, as ASGI has them.
        receive: ASGI's. Called before the answer has begun, it makes the server send
            `100 Continue` to a client that asks first (RFC 9110, section 10.1.1).
        memory, threads: as of `Reception`.

    Attributes:
        is_over: whether no more of it comes.
    """

    def __init__(
        self,
        headers: list[tuple[bytes, bytes]],
        receive: Receive,
        memory: MemoryBudget,
        threads: Executor,
    ) -> None:
        fields = dict(headers)
        # RFC 9112, section 6.3: with a Transfer-Encoding, a Content-Length is void.
        is_measured = b"transfer-encoding" not in fields
        self._length = int(fields.get(b"content-length", b"0")) if is_measured else None
        early_bytes = None if b"expect" in fields else self._length
        self._comes_along = early_bytes is not None and early_bytes <= ALLOWANCE_BYTES
        self._comes_early = early_bytes is not None and early_bytes <= _EARLY_BYTES
        self._receive = receive
        self._memory = memory
        self._threads = threads
        self._reception: Reception | None = None
        self.is_over = self._length == 0

    async def take_along(self) -> Body | None:
        """Receive a short body that comes with its head, before that is checked.

        Checking the head first hands the request to a thread twice. A longer body begins to come
        meanwhile, unless it is long.

        Returns:
            The body; None if it is longer, asks first, has not come yet, or breaks off.
        """
        if self._length == 0:
            return Body(io.BytesIO(), 0, self._memory)
        if not (self._comes_early and self._memory.has_space(self._length)):
            return None
        reception = self._begin(_EARLY_BYTES)
        if not self._comes_along:
            return None
        is_whole = await reception.is_whole_within(_TAKEN_ALONG_SECONDS)
        return await self._finish(reception) if is_whole else None

    async def receive(self, expected: ExpectedBody) -> Body:
        """Receive the body as it was asked for; the caller closes it.

        Raises:
            UploadInterrupted: it came too slowly, and was kept as it arrived.
            As `Reception.finish`.
        """
        reception = self._reception or self._begin(expected.max_length)
        if expected.in_parts or not reception.is_in_memory:
            reception.hand_over(expected.make_receiver)
        try:
            return await self._finish(reception)
        except RequestTimeout as error:
            if not expected.in_parts:
                raise
            raise UploadInterrupted(
                f"{error.detail} Ask for the offset, and go on from there.", headers=error.headers
            ) from error

    def _begin(self, max_length: int) -> Reception:
        parts = receive_parts(self._length, max_length, self._receive)
        self._reception = Reception(parts, self._length, self._memory, self._threads)
        return self._reception

    async def _finish(self, reception: Reception) -> Body:
        self._reception = None
        try:
            body = await reception.finish()
        except (BodyLengthMismatch, RequestTimeout):
            self.is_over = True
            raise
        self.is_over = True
        return body

    def add_fields(self, headers: Headers) -> None:
        """Add to the headers of an answer that the connection ends with it, if it does."""
        if self.is_over or self._comes_along:
            return
        if "connection" not in {name.lower() for name, _ in headers}:
            headers.append(("Connection", "close"))

    async def discard(self) -> None:
        """Read and drop what the client still sends of a body that nobody received."""
        await self.close()
        clock = asyncio.get_running_loop().time
        until = clock() + _DISCARDING_SECONDS
        try:
            while not self.is_over:
                async with asyncio.timeout_at(min(until, clock() + _SILENCE_SECONDS)):
                    event = await self._receive()
                self.is_over = event["type"] != "http.request" or not event["more_body"]
        except TimeoutError:
            self.is_over = True

    async def close(self) -> None:
        """Stop to receive, and drop what was received and not handed on."""
        if self._reception is not None:
            self.is_over = await self._reception.close()
            self._reception = None
