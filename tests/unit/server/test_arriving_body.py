"""A body on its way: taken along, received when asked for, or read and dropped."""

import asyncio
import os
from collections.abc import Iterable

import pytest

from open_event_uploads.errors import (
    BodyLengthMismatch,
    RequestTooLarge,
    StorageFull,
    UploadInterrupted,
    UploadsError,
)
from open_event_uploads.imaging.spool import Spool, open_spool
from open_event_uploads.jsonapi.expected_body import ALLOWANCE_BYTES, ExpectedBody
from open_event_uploads.server import arriving_body, handover, receive_parts
from open_event_uploads.server.arriving_body import ArrivingBody
from open_event_uploads.server.asgi import Event, Receive
from open_event_uploads.server.body import Body, MemoryBudget
from tests.unit.server.test_body import THREADS, content_of, silent


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
    return ArrivingBody([*head, *fields], wire, memory or MemoryBudget(), THREADS)


EXPECTED = ExpectedBody(None, 10**6, open_spool)


EXPECT = (b"expect", b"100-continue")
CHUNKED = (b"transfer-encoding", b"chunked")


def test_a_short_body_is_taken_along() -> None:
    async def run() -> bytes | None:
        found = await arriving(Wire([b"ab", b"c"]), 3).take_along()
        return content_of(found) if found else None

    assert asyncio.run(run()) == b"abc"


@pytest.mark.parametrize(
    ("length", "fields"),
    [(1024**2 + 1, []), (3, [EXPECT]), (None, [CHUNKED]), (3, [CHUNKED])],
    ids=["a long one", "one that asks first", "one without a length", "one with two"],
)
def test_nothing_else_is_received_before_its_head_is_checked(
    length: int | None, fields: list[tuple[bytes, bytes]]
) -> None:
    wire = Wire([b"abc"])
    assert asyncio.run(arriving(wire, length, *fields).take_along()) is None
    assert wire.asked == 0


def test_a_short_body_is_not_taken_along_while_others_take_all_memory() -> None:
    wire = Wire([b"abc"])
    assert asyncio.run(arriving(wire, 3, memory=MemoryBudget(2)).take_along()) is None
    assert wire.asked == 0


def test_a_body_that_is_not_long_comes_while_its_head_is_checked() -> None:
    content = bytes(ALLOWANCE_BYTES + 1)
    wire = Wire([content[:9], content[9:]])

    async def run() -> bytes:
        found = arriving(wire, len(content))
        assert await found.take_along() is None
        for _ in range(9):
            await asyncio.sleep(0)
        assert wire.asked == 2
        return content_of(await found.receive(EXPECTED))

    assert asyncio.run(run()) == content


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

        found = ArrivingBody([(b"content-length", b"3")], receive, MemoryBudget(), THREADS)
        at_once = await found.take_along()
        came.set()
        return at_once, content_of(await found.receive(EXPECTED))

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
        (await found.receive(EXPECTED)).close(THREADS)
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

    found = ArrivingBody([CHUNKED], endless, MemoryBudget(), THREADS)
    asyncio.run(asyncio.wait_for(found.discard(), 10))


class Full(Spool):
    """A file on a disk that is full."""

    def __init__(self) -> None:
        super().__init__(os.open("/dev/full", os.O_RDWR))


async def goes() -> Event:
    return {"type": "http.disconnect"}


@pytest.mark.parametrize(
    ("part", "then", "error", "sends_on"),
    [
        (b"abc", silent, StorageFull, True),
        (b"x" * 10, silent, RequestTooLarge, True),
        (b"", silent, UploadInterrupted, False),
        (b"", goes, BodyLengthMismatch, False),
    ],
    ids=["a full disk", "too long", "too slow", "gone"],
)
def test_only_a_client_that_still_sends_is_listened_to(
    part: bytes,
    then: Receive,
    error: type[UploadsError],
    *,
    sends_on: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(arriving_body, "_SILENCE_SECONDS", 0.02)
    monkeypatch.setattr(handover, "_HELD_SECONDS", 0.01)
    monkeypatch.setattr(receive_parts, "_SECONDS", 30.0 if part else 0.05)
    parts, asked = [part] if part else [], 0

    async def receive() -> Event:
        nonlocal asked
        asked += 1
        if not parts:
            return await then()
        return {"type": "http.request", "body": parts.pop(), "more_body": True}

    async def run(found: ArrivingBody) -> bool:
        with pytest.raises(error):
            await found.receive(ExpectedBody(None, 9, Full, in_parts=True))
        before = asked
        await found.discard()
        return asked > before

    assert asyncio.run(run(ArrivingBody([CHUNKED], receive, MemoryBudget(), THREADS))) is sends_on


def test_a_body_that_came_too_late_gives_its_memory_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving_body, "_TAKEN_ALONG_SECONDS", 0.0)
    memory = MemoryBudget(10)

    async def late() -> Event:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"abc", "more_body": False}

    async def run() -> None:
        found = ArrivingBody([(b"content-length", b"3")], late, memory, THREADS)
        assert await found.take_along() is None
        await asyncio.sleep(0.1)
        assert memory.left_bytes == 7
        await found.close()

    asyncio.run(run())
    assert memory.left_bytes == 10
