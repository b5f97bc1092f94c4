"""Bodies that arrive in parts, slowly, or not to their end."""

import asyncio
import io
import os
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.errors import (
    BodyLengthMismatch,
    RequestTimeout,
    StorageFull,
)
from open_event_uploads.imaging.spool import Receiver, Spool, open_spool
from open_event_uploads.jsonapi.expected_body import ExpectedBody
from open_event_uploads.server import handover, receive_parts
from open_event_uploads.server.arriving_body import ArrivingBody
from open_event_uploads.server.asgi import Receive
from open_event_uploads.server.body import Body, MemoryBudget

THREADS = ThreadPoolExecutor(2)


class Client:
    """Sends parts, then goes away.

    Args:
        parts: of a body.
    """

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)

    async def __call__(self) -> dict[str, Any]:
        part = next(self._parts, None)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": True}


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def content_of(received: Body) -> bytes:
    assert isinstance(received.content, io.FileIO | io.BytesIO)
    return received.content.read()


async def receive_body(
    length: int, receive: Receive, memory: MemoryBudget, make: Callable[[], Receiver] = open_spool
) -> Body:
    """Receive a body that does not come along with its head."""
    head = [(b"content-length", b"%d" % length), (b"expect", b"100-continue")]
    arriving = ArrivingBody(head, receive, memory, THREADS)
    return await arriving.receive(ExpectedBody(length, length, make))


async def silent() -> dict[str, Any]:
    await asyncio.sleep(3600)
    return {}


@given(st.lists(st.binary(max_size=20)), st.integers(0, 200))
def test_it_is_what_was_sent_in_memory_and_in_a_file(parts: list[bytes], memory_bytes: int) -> None:
    whole, memory = b"".join(parts), MemoryBudget(memory_bytes)
    received = asyncio.run(receive_body(len(whole), Client(parts), memory))
    assert isinstance(received.content, io.FileIO) is (len(whole) > memory_bytes)
    assert content_of(received) == whole
    received.close(THREADS)
    assert memory.left_bytes == memory_bytes


@given(st.binary(min_size=1, max_size=50), st.data())
def test_a_body_that_ends_early_gives_its_memory_back(whole: bytes, data: st.DataObject) -> None:
    came = data.draw(st.integers(0, len(whole) - 1))
    memory = MemoryBudget(data.draw(st.sampled_from([0, 1000])))
    left = memory.left_bytes
    with pytest.raises(BodyLengthMismatch, match=f"{len(whole)} bytes; the body has {came}"):
        asyncio.run(receive_body(len(whole), Client([whole[:came]]), memory))
    assert memory.left_bytes == left


def test_bodies_share_the_memory_budget() -> None:
    memory = MemoryBudget(10)
    first = asyncio.run(receive_body(8, Client([b"x" * 8]), memory))
    second = asyncio.run(receive_body(8, Client([b"y" * 8]), memory))
    assert isinstance(first.content, io.BytesIO)
    assert isinstance(second.content, io.FileIO)
    first.close(THREADS)
    second.close(THREADS)
    assert memory.left_bytes == 10


@pytest.mark.parametrize("memory_bytes", [0, 100], ids=["in a file", "in memory"])
def test_silence_ends(memory_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive_parts, "_SECONDS", 0.05)
    memory = MemoryBudget(memory_bytes)
    with pytest.raises(RequestTimeout, match="Of 5 bytes 0 came"):
        asyncio.run(receive_body(5, silent, memory))
    assert memory.left_bytes == memory_bytes


def test_a_byte_at_a_time_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive_parts, "_SECONDS", 0.2)

    async def slow() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    with pytest.raises(RequestTimeout):
        asyncio.run(receive_body(1000, slow, MemoryBudget()))


def test_whoever_keeps_the_pace_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive_parts, "_SECONDS", 0.2)

    async def steady() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"x" * 50, "more_body": True}

    received = asyncio.run(receive_body(500, steady, MemoryBudget()))
    assert content_of(received) == b"x" * 500


def test_a_full_disk_is_said_to_be_full() -> None:
    made = []

    def full() -> Spool:
        made.append(Spool(os.open("/dev/full", os.O_RDWR)))
        return made[0]

    with pytest.raises(StorageFull):
        asyncio.run(receive_body(5, Client([b"x" * 5]), MemoryBudget(0), full))
    assert made[0].closed


class Recorder:
    """Records what it is given."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.closed = False

    def append(self, parts: Sequence[bytes]) -> None:
        """Take bytes."""
        self.parts += parts

    def close(self) -> None:
        """Record the end."""
        self.closed = True


def test_a_long_body_is_given_to_its_receiver_as_it_arrives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handover, "_AT_ONCE_BYTES", 4)
    recorder, seen = Recorder(), []

    async def client() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        seen.append(len(recorder.parts))
        return {"type": "http.request", "body": b"abc", "more_body": True}

    received = asyncio.run(receive_body(15, client, MemoryBudget(0), lambda: recorder))
    assert received.content is recorder
    assert b"".join(recorder.parts) == b"abc" * 5
    assert seen[0] == 0
    assert seen[-1] >= 2
    received.close(THREADS)
    wait_until(lambda: recorder.closed)


def test_a_body_in_tiny_parts_takes_hardly_more_memory_than_its_bytes() -> None:
    length = 40_000
    client = Client(b"%02d" % (number % 100) for number in range(length // 2))

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return await client()

    tracemalloc.start()
    try:
        received = asyncio.run(receive_body(length, receive, MemoryBudget()))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(content_of(received)) == length
    # As many objects of two bytes would take 800,000.
    assert peak_bytes < 400_000


def test_no_more_parts_are_held_than_are_written_at_once() -> None:
    recorder, numbers = Recorder(), list[int]()

    def append(parts: Sequence[bytes]) -> None:
        numbers.append(len(parts))

    recorder.append = append  # type: ignore[method-assign]
    asyncio.run(receive_body(2500, Client([b"x"] * 2500), MemoryBudget(0), lambda: recorder)).close(
        THREADS
    )
    assert numbers == [1000, 1000, 500]


def test_what_a_receiver_has_of_a_body_that_ends_early_is_dropped() -> None:
    recorder = Recorder()
    with pytest.raises(BodyLengthMismatch):
        asyncio.run(receive_body(9, Client([b"abc"]), MemoryBudget(0), lambda: recorder))
    assert recorder.closed
