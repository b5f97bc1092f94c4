"""Bodies that a receiver is given as they arrive, and what it has of those that break off."""

import asyncio
import threading
import time
import tracemalloc
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.errors import (
    BodyLengthMismatch,
    DatabaseUnavailable,
    RequestTooLarge,
    StorageFull,
    UploadInterrupted,
    UploadsError,
)
from open_event_uploads.jsonapi.expected_body import ExpectedBody
from open_event_uploads.server import arriving_body, handover, receive_parts
from open_event_uploads.server.arriving_body import ArrivingBody
from open_event_uploads.server.asgi import Event
from open_event_uploads.server.body import MemoryBudget
from tests.unit.server.test_body import THREADS, content_of

CHUNKED = [(b"transfer-encoding", b"chunked")]


class Keeper:
    """Records what it is given, and what it keeps.

    Args:
        error: what the second call of `append`, and `keep`, fail with.
    """

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.appended = list[bytes]()
        self.kept: bytes | None = None
        self.closed = 0
        self.is_closed = threading.Event()
        self.threads = set[threading.Thread]()

    def append(self, parts: Sequence[bytes]) -> None:
        self.threads.add(threading.current_thread())
        if self._error is not None and self.appended:
            raise self._error
        self.appended.append(b"".join(parts))

    def keep(self) -> None:
        self.threads.add(threading.current_thread())
        self.kept = b"".join(self.appended)
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        self.threads.add(threading.current_thread())
        self.closed += 1
        self.is_closed.set()


class Phone:
    """A client that sends parts, at times of its choice.

    Args:
        sent: parts; seconds of silence; or an event, after which nothing more comes.
    """

    def __init__(self, *sent: bytes | float | str) -> None:
        self._sent = list(sent)

    async def __call__(self) -> Event:
        sent = self._sent.pop(0) if self._sent else 3600.0
        if isinstance(sent, float):
            await asyncio.sleep(sent)
            return await self()
        if isinstance(sent, bytes):
            return {"type": "http.request", "body": sent, "more_body": True}
        if sent == "end":
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.disconnect"}


async def receive(
    keeper: Keeper,
    phone: Phone,
    length: int | None = None,
    *,
    comes_along: bool = False,
    memory: MemoryBudget | None = None,
) -> None:
    head = CHUNKED if length is None else [(b"content-length", b"%d" % length)]
    memory = memory or MemoryBudget(100)
    left_bytes = memory.left_bytes
    arriving = ArrivingBody(head, phone, memory, THREADS)
    if comes_along:
        assert await arriving.take_along() is None
    expected = ExpectedBody(length, 20, lambda: keeper, in_parts=True)
    try:
        body = await arriving.receive(expected)
        if body.content is not keeper:
            # As `received_parts` does.
            keeper.append([content_of(body)])
        assert body.length == len(b"".join(keeper.appended))
        body.close(THREADS)
        # In a thread, and nobody waits for it.
        assert body.content is not keeper or keeper.is_closed.wait(10)
    finally:
        assert memory.left_bytes == left_bytes


@given(st.lists(st.binary(min_size=1, max_size=6), max_size=3), st.sampled_from([None, len]))
def test_a_body_goes_to_its_receiver_however_short(
    parts: list[bytes], measure: Callable[[bytes], int] | None
) -> None:
    keeper, whole = Keeper(), b"".join(parts)
    asyncio.run(receive(keeper, Phone(*parts, "end"), measure(whole) if measure else None))
    assert b"".join(keeper.appended) == whole
    assert keeper.kept is None


def test_a_short_body_is_left_to_the_thread_of_its_request() -> None:
    keeper = Keeper()
    asyncio.run(receive(keeper, Phone(b"abc", b"de", "end")))
    assert keeper.threads == {threading.main_thread()}
    assert (keeper.appended, keeper.closed) == ([b"abcde"], 0)


def test_a_body_without_memory_goes_to_its_receiver() -> None:
    keeper = Keeper()
    asyncio.run(receive(keeper, Phone(b"abc", b"de", "end"), memory=MemoryBudget(4)))
    assert (b"".join(keeper.appended), keeper.closed) == (b"abcde", 1)


@pytest.mark.parametrize("comes_along", [False, True])
@pytest.mark.parametrize(
    ("sent", "length", "error"),
    [
        ([b"abc", b"de", "gone"], 9, BodyLengthMismatch),
        ([b"abc", b"de", "end"], 9, BodyLengthMismatch),
        ([b"abc", b"de"], 9, UploadInterrupted),
        ([b"abc", 0.1, b"de", "gone"], 9, BodyLengthMismatch),
        ([b"abc", b"de", "gone"], None, BodyLengthMismatch),
        ([b"abc", b"de"], None, UploadInterrupted),
    ],
    ids=["gone", "ended", "silent", "gone later", "no length, gone", "no length, silent"],
)
def test_what_came_of_a_body_that_breaks_off_is_kept(
    sent: list[bytes | float | str],
    length: int | None,
    error: type[UploadsError],
    *,
    comes_along: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(receive_parts, "_SECONDS", 0.3)
    keeper = Keeper()
    with pytest.raises(error):
        asyncio.run(receive(keeper, Phone(*sent), length, comes_along=comes_along))
    assert (keeper.kept, keeper.closed) == (b"abcde", 1)
    assert threading.main_thread() not in keeper.threads


def test_what_came_of_a_request_that_is_cancelled_is_kept() -> None:
    keeper = Keeper()

    async def run() -> None:
        receiving = asyncio.ensure_future(receive(keeper, Phone(b"abc")))
        await asyncio.sleep(0.05)
        receiving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await receiving

    asyncio.run(run())
    assert (keeper.kept, keeper.closed) == (b"abc", 1)


def test_a_body_that_grows_too_long_is_cut_off_and_nothing_more_of_it_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handover, "_AT_ONCE_BYTES", 1)
    keeper = Keeper()
    with pytest.raises(RequestTooLarge) as raised:
        asyncio.run(receive(keeper, Phone(b"x" * 7, b"x" * 8, b"x" * 6, "end")))
    assert (raised.value.limit, raised.value.actual) == (20, 21)
    assert (keeper.kept, keeper.closed) == (None, 1)


def test_what_came_is_handed_over_when_nothing_more_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "_HELD_SECONDS", 0.05)
    keeper = Keeper()

    append, came = keeper.append, threading.Event()

    def record(parts: Sequence[bytes]) -> None:
        append(parts)
        came.set()

    keeper.append = record  # type: ignore[method-assign]

    async def run() -> None:
        receiving = asyncio.ensure_future(receive(keeper, Phone(b"abc")))
        assert await asyncio.to_thread(came.wait, 20)
        assert keeper.appended == [b"abc"]
        receiving.cancel()
        await asyncio.wait((receiving,))

    asyncio.run(run())


@pytest.mark.parametrize("error", [StorageFull(), OSError("a fault")], ids=["full", "a fault"])
def test_an_error_of_the_receiver_is_raised_while_the_client_is_silent(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "_HELD_SECONDS", 0.01)
    keeper = Keeper(error)
    with pytest.raises(type(error)):
        asyncio.run(asyncio.wait_for(receive(keeper, Phone(b"abc", 0.3, b"de")), 15))
    assert (keeper.appended, keeper.kept, keeper.closed) == ([b"abc"], None, 1)


def test_a_receiver_that_cannot_be_made_is_an_error_at_once() -> None:
    def fail() -> Keeper:
        assert threading.current_thread() is not threading.main_thread()
        raise StorageFull

    async def run() -> None:
        arriving = ArrivingBody(CHUNKED, Phone(b"abc"), MemoryBudget(), THREADS)
        await arriving.receive(ExpectedBody(None, 20, fail, in_parts=True))

    with pytest.raises(StorageFull):
        asyncio.run(asyncio.wait_for(run(), 15))


def test_a_receiver_that_cannot_keep_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    keeper = Keeper(DatabaseUnavailable("It does not answer."))
    with pytest.raises(BodyLengthMismatch):
        asyncio.run(receive(keeper, Phone(b"abc", "gone"), 9))
    assert keeper.closed == 1
    assert "was not kept: It does not answer." in caplog.text


def test_a_slow_disk_is_not_the_clients_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive_parts, "_SECONDS", 1.0)
    monkeypatch.setattr(handover, "_AT_ONCE_BYTES", 1)
    keeper = Keeper()
    append = keeper.append

    def append_slowly(parts: Sequence[bytes]) -> None:
        time.sleep(0.6)
        append(parts)

    keeper.append = append_slowly  # type: ignore[method-assign]
    asyncio.run(receive(keeper, Phone(b"a", 0.01, b"b", 0.01, b"c", 0.01, b"d", 0.01, "end")))
    assert b"".join(keeper.appended) == b"abcd"


def test_a_slow_receiver_slows_the_client_down_and_memory_stays_flat() -> None:
    keeper, part = Keeper(), 64 * 1024
    held = [0]

    def append_slowly(parts: Sequence[bytes]) -> None:
        time.sleep(0.01)
        held.append(sum(map(len, parts)))

    keeper.append = append_slowly  # type: ignore[method-assign]
    left = 1000

    async def client() -> Event:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": bytes(part), "more_body": left > 0}

    async def run() -> None:
        arriving = ArrivingBody(CHUNKED, client, MemoryBudget(), THREADS)
        await arriving.receive(ExpectedBody(None, 10**9, lambda: keeper, in_parts=True))

    tracemalloc.start()
    try:
        asyncio.run(run())
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(held) == 1000 * part
    assert max(held) <= 1024**2
    # One part is with the receiver while the next one comes.
    assert peak_bytes < 4 * 1024**2


def test_a_body_does_not_wait_for_the_other_threads_of_the_event_loop() -> None:
    keeper, over = Keeper(), threading.Event()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        hanging = loop.run_in_executor(None, over.wait, 30)
        await receive(keeper, Phone(b"abc", "end"))
        over.set()
        assert await hanging

    asyncio.run(asyncio.wait_for(run(), 20))
    assert keeper.appended == [b"abc"]


def test_a_short_body_that_lags_behind_is_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving_body, "_TAKEN_ALONG_SECONDS", 0.01)
    keeper = Keeper()
    phone = Phone(b"abc", 0.2, b"de")
    asyncio.run(receive(keeper, phone, 5, comes_along=True))
    assert b"".join(keeper.appended) == b"abcde"
