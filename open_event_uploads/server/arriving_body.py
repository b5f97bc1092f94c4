"""The body of a request that is on its way: taken along, received when asked for, or discarded."""

import asyncio
from collections.abc import Awaitable, Callable

from open_event_uploads.errors import BodyLengthMismatch, RequestTimeout
from open_event_uploads.imaging.spool import Receiver, open_spool
from open_event_uploads.jsonapi.body import ALLOWANCE_BYTES
from open_event_uploads.server.asgi import Headers, Receive
from open_event_uploads.server.body import Body

# A short body comes with its head, or right behind it.
_TAKEN_ALONG_SECONDS = 0.01

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
        receive_whole: `receive_body`, but for its `length` and its `make_receiver`.

    Attributes:
        length: bytes; None for a body that does not say so.
        is_over: whether no more of it comes.
    """

    def __init__(
        self,
        headers: list[tuple[bytes, bytes]],
        receive: Receive,
        receive_whole: Callable[..., Awaitable[Body]],
    ) -> None:
        fields = dict(headers)
        # RFC 9112, section 6.3: with a Transfer-Encoding, a Content-Length is void.
        is_measured = b"transfer-encoding" not in fields
        self.length = int(fields.get(b"content-length", b"0")) if is_measured else None
        is_short = self.length is not None and self.length <= ALLOWANCE_BYTES
        self._comes_along = is_short and b"expect" not in fields
        self._receive = receive
        self._receive_whole = receive_whole
        self._receiving: asyncio.Future[Body] | None = None
        self.is_over = self.length == 0

    async def take_along(self) -> Body | None:
        """Receive a short body that comes with its head, before that is checked.

        Checking the head first hands the request to a thread twice.

        Returns:
            The body; None if it is long, asks first, or has not come yet.

        Raises:
            As `receive`.
        """
        if self.length == 0:
            return await self._receive_whole(0)
        if not self._comes_along:
            return None
        self._receiving = asyncio.ensure_future(self._receive_whole(self.length or 0))
        await asyncio.wait((self._receiving,), timeout=_TAKEN_ALONG_SECONDS)
        return await self.receive() if self._receiving.done() else None

    async def receive(self, make_receiver: Callable[[], Receiver] = open_spool) -> Body:
        """Receive the body; the caller closes it.

        Args:
            make_receiver: as of `receive_body`; not used where the body has begun to arrive.

        Raises:
            As `server.body.receive_body`.
        """
        if self._receiving is None:
            assert self.length is not None  # noqa: S101 - else the head was refused
            self._receiving = asyncio.ensure_future(
                self._receive_whole(self.length, make_receiver=make_receiver)
            )
        receiving, self._receiving = self._receiving, None
        try:
            body = await receiving
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
        if self._receiving is None:
            return
        self._receiving.cancel()
        await asyncio.wait((self._receiving,))
        if not self._receiving.cancelled() and self._receiving.exception() is None:
            self._receiving.result().close()
            self.is_over = True
        self._receiving = None
