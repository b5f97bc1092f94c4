"""A body on its way: taken along, received when asked for, or read and dropped."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

import pytest

from open_event_uploads.errors import BodyLengthMismatch, RequestTimeout, StorageFull
from open_event_uploads.jsonapi.body import ALLOWANCE_BYTES
from open_event_uploads.server import arriving_body
from open_event_uploads.server.arriving_body import ArrivingBody
from open_event_uploads.server.asgi import Event
from open_event_uploads.server.body import Body, MemoryBudget, receive_body
from tests.unit.server.test_body import content_of


class Wire:
    """A client that sends parts and then nothing more; it counts how often it was asked.

    Args:
        parts: of a body; the last ends it.
    """

    def __init__(self, parts: Iterable[bytes] = ()) -> None:
        self._parts = [*parts]
        self.asked = 0

    async def __call__(self) -> Event:
        self.asked += 1
        if not self._parts:
            await asyncio.sleep(3600)
        part = self._parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(self._parts)}


def arriving(
    wire: Wire, length: int | None, *fields: tuple[bytes, bytes], memory: MemoryBudget | None = None
) -> ArrivingBody:
    head = [(b"content-length", b"%d" % length)] if length is not None else []
    whole = partial(receive_body, receive=wire, memory=memory or MemoryBudget())
    return ArrivingBody([*head, *fields], wire, whole)


EXPECT = (b"expect", b"100-continue")
CHUNKED = (b"transfer-encoding", b"chunked")


def test_a_short_body_is_taken_along() -> None:
    async def run() -> bytes | None:
        found = await arriving(Wire([b"ab", b"c"]), 3).take_along()
        return content_of(found) if found else None

    assert asyncio.run(run()) == b"abc"


@pytest.mark.parametrize(
    ("length", "fields"),
    [(ALLOWANCE_BYTES + 1, []), (3, [EXPECT]), (None, [CHUNKED]), (3, [CHUNKED])],
    ids=["a long one", "one that asks first", "one without a length", "one with two"],
)
def test_nothing_else_is_received_before_its_head_is_checked(
    length: int | None, fields: list[tuple[bytes, bytes]]
) -> None:
    wire = Wire([b"abc"])
    assert asyncio.run(arriving(wire, length, *fields).take_along()) is None
    assert wire.asked == 0


def test_a_request_without_a_body_waits_for_nothing() -> None:
    wire = Wire()
    for length in (0, None):
        found = asyncio.run(arriving(wire, length).take_along())
        assert found is not None
        assert content_of(found) == b""
    assert wire.asked == 0


def test_a_short_body_that_lags_behind_is_received_later() -> None:
    async def run() -> tuple[Body | None, bytes]:
        came = asyncio.Event()

        async def receive() -> Event:
            await came.wait()
            return {"type": "http.request", "body": b"abc", "more_body": False}

        found = ArrivingBody(
            [(b"content-length", b"3")],
            receive,
            partial(receive_body, receive=receive, memory=MemoryBudget()),
        )
        at_once = await found.take_along()
        came.set()
        return at_once, content_of(await found.receive())

    assert asyncio.run(run()) == (None, b"abc")


@pytest.mark.parametrize(
    ("length", "fields", "closes"),
    [
        (0, [], False),
        (3, [], False),
        (3, [EXPECT], True),
        (ALLOWANCE_BYTES + 1, [], True),
        (None, [CHUNKED], True),
    ],
)
def test_the_connection_ends_unless_what_is_left_is_short(
    length: int | None, fields: list[tuple[bytes, bytes]], *, closes: bool
) -> None:
    headers = [("Content-Type", "text/plain")]
    arriving(Wire(), length, *fields).add_fields(headers)
    assert (("Connection", "close") in headers) is closes
    arriving(Wire(), length, *fields).add_fields(headers)
    assert headers.count(("Connection", "close")) == closes


def test_what_is_left_is_read_to_its_end_and_dropped() -> None:
    wire = Wire([b"x" * 70_000] * 5)
    asyncio.run(arriving(wire, 350_000).discard())
    assert wire.asked == 5


def test_what_was_received_is_not_waited_for_again() -> None:
    async def run(found: ArrivingBody) -> None:
        (await found.receive()).close()
        await found.discard()

    wire = Wire([b"abc"])
    asyncio.run(run(arriving(wire, 3, EXPECT)))
    assert wire.asked == 1


@pytest.mark.parametrize("length", [3, 10**6], ids=["short", "long"])
def test_a_client_that_sends_nothing_more_is_left(
    length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving_body, "_SILENCE_SECONDS", 0.02)
    memory = MemoryBudget()
    left = memory.left_bytes

    async def run(found: ArrivingBody) -> None:
        await found.take_along()
        await found.discard()

    asyncio.run(run(arriving(Wire([]), length, memory=memory)))
    assert memory.left_bytes == left


def test_a_client_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving_body, "_DISCARDING_SECONDS", 0.1)

    async def endless() -> Event:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    whole = partial(receive_body, receive=endless, memory=MemoryBudget())
    asyncio.run(asyncio.wait_for(ArrivingBody([CHUNKED], endless, whole).discard(), 10))


def _fails(error: Exception) -> Callable[..., Awaitable[Body]]:
    async def receive_whole(_: int, **__: object) -> Body:
        raise error

    return receive_whole


@pytest.mark.parametrize(
    ("error", "asked"),
    [(StorageFull(), 1), (RequestTimeout(), 0), (BodyLengthMismatch(), 0)],
    ids=["a full disk", "too slow", "gone"],
)
def test_only_a_client_that_still_sends_is_listened_to(error: Exception, asked: int) -> None:
    async def run(found: ArrivingBody) -> None:
        with pytest.raises(type(error)):
            await found.receive()
        await found.discard()

    wire = Wire([b"rest"])
    asyncio.run(run(ArrivingBody([(b"content-length", b"9")], wire, _fails(error))))
    assert wire.asked == asked


def test_a_body_that_came_too_late_gives_its_memory_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving_body, "_TAKEN_ALONG_SECONDS", 0.0)
    memory = MemoryBudget(10)

    async def late() -> Event:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"abc", "more_body": False}

    async def run() -> None:
        whole = partial(receive_body, receive=late, memory=memory)
        found = ArrivingBody([(b"content-length", b"3")], late, whole)
        assert await found.take_along() is None
        await asyncio.sleep(0.1)
        assert memory.left_bytes == 7
        await found.close()

    asyncio.run(run())
    assert memory.left_bytes == 10
