"""One thread works at a time, and another one while it is blocked."""

import asyncio
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import pytest

from open_event_uploads.blocking import BLOCKING
from open_event_uploads.errors import Overloaded
from open_event_uploads.server import thread_pool
from open_event_uploads.server.thread_pool import ThreadPool

T = TypeVar("T")
_SECONDS = 10.0


def begin(
    pool: ThreadPool, work: Callable[[], T], ended: Callable[[], None] = lambda: None
) -> asyncio.Future[T]:
    return pool.begin(work, ended=ended, drop=lambda _: None)


@pytest.fixture
def marks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no thread count as blocked for its time."""
    monkeypatch.setattr(thread_pool, "_BLOCKED_SECONDS", 3600.0)


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """An event for which threads may wait: it is set at the end."""
    event = threading.Event()
    yield event
    event.set()


def waits(over: threading.Event, begun: Callable[[], object] = lambda: None) -> Callable[[], bool]:
    def work() -> bool:
        begun()
        return over.wait(_SECONDS)

    return work


def blocks(over: threading.Event) -> Callable[[], bool]:
    def work() -> bool:
        with BLOCKING:
            return over.wait(_SECONDS)

    return work


@pytest.mark.usefixtures("marks_alone")
def test_one_thread_works_at_a_time() -> None:
    at_work, most = [0], [0]

    def work() -> int:
        at_work[0] += 1
        most[0] = max(most[0], at_work[0])
        time.sleep(0.001)  # any other thread may go on
        at_work[0] -= 1
        return threading.get_ident()

    async def run() -> set[int]:
        pool = ThreadPool(4, 100)
        return set(await asyncio.gather(*(begin(pool, work) for _ in range(50))))

    assert len(asyncio.run(run())) == 1
    assert most == [1]


@pytest.mark.usefixtures("marks_alone")
def test_another_thread_works_while_one_is_blocked(over: threading.Event) -> None:
    async def run() -> list[object]:
        pool = ThreadPool(4, 100)
        blocked = [begin(pool, blocks(over)) for _ in range(3)]
        done = await asyncio.wait_for(begin(pool, lambda: "done"), _SECONDS)
        over.set()
        return [done, *await asyncio.gather(*blocked)]

    assert asyncio.run(run()) == ["done", True, True, True]


@pytest.mark.usefixtures("marks_alone")
def test_a_thread_that_was_blocked_counts_again(over: threading.Event) -> None:
    resumed, end = threading.Event(), threading.Event()

    def work() -> bool:
        with BLOCKING, BLOCKING:
            over.wait(_SECONDS)
        resumed.set()
        return end.wait(_SECONDS)

    async def run() -> bool:
        pool = ThreadPool(4, 100)
        first = begin(pool, work)
        await begin(pool, over.set)
        await asyncio.to_thread(resumed.wait, _SECONDS)
        begun = threading.Event()
        second = begin(pool, begun.set)
        await asyncio.sleep(0.05)
        waited = not begun.is_set()
        end.set()
        await asyncio.gather(first, second)
        return waited

    assert asyncio.run(run())


def test_others_work_instead_of_threads_that_hang_without_a_mark(over: threading.Event) -> None:
    async def run() -> str:
        pool = ThreadPool(4, 100)
        for _ in range(3):
            begin(pool, waits(over))
        return await asyncio.wait_for(begin(pool, lambda: "done"), _SECONDS)

    assert asyncio.run(run()) == "done"


def test_no_more_threads_work_than_there_may_be(over: threading.Event) -> None:
    begun = list[bool]()

    async def run() -> None:
        pool = ThreadPool(2, 100)
        jobs = [begin(pool, waits(over, lambda: begun.append(True))) for _ in range(3)]
        await asyncio.sleep(0.3)
        assert len(begun) == 2
        over.set()
        await asyncio.gather(*jobs)

    asyncio.run(run())
    assert len(begun) == 3


def test_work_waits_while_the_system_lets_no_thread_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = []

    def start(thread: threading.Thread) -> None:
        tried.append(thread)
        if len(tried) < 3:
            raise RuntimeError("can't start new thread")
        start_really(thread)

    start_really = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", start)

    async def run() -> str:
        return await asyncio.wait_for(begin(ThreadPool(1, 10), lambda: "done"), _SECONDS)

    assert asyncio.run(run()) == "done"
    assert len(tried) == 3


def test_an_idle_thread_keeps_nothing_of_its_last_job() -> None:
    class Answer:
        """What a request holds."""

    async def run() -> None:
        pool, answer, gone = ThreadPool(1, 10), Answer(), threading.Event()
        weakref.finalize(answer, gone.set)
        await begin(pool, partial(str, answer))
        del answer
        assert await asyncio.to_thread(gone.wait, _SECONDS)

    asyncio.run(run())


def test_threads_end_with_their_pool() -> None:
    async def run() -> threading.Thread:
        pool = ThreadPool(2, 10)
        return await begin(pool, threading.current_thread)

    thread = asyncio.run(run())
    thread.join(_SECONDS)
    assert not thread.is_alive()


def test_an_error_is_that_of_the_future() -> None:
    ended = []

    async def run() -> None:
        pool = ThreadPool(1, 1)
        with pytest.raises(ZeroDivisionError):
            await begin(pool, lambda: 1 // 0, lambda: ended.append(True))
        assert await begin(pool, lambda: "next") == "next"

    asyncio.run(run())
    assert ended == [True]


def test_whoever_waits_is_told_though_something_could_not_be_closed() -> None:
    reported = []

    def ended() -> None:
        raise OSError("closing")

    async def run() -> str:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, told: reported.append(str(told["exception"])))
        pool = ThreadPool(1, 1)
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(begin(pool, lambda: 1 // 0, ended), _SECONDS)
        return await asyncio.wait_for(begin(pool, lambda: "done", ended), _SECONDS)

    assert asyncio.run(run()) == "done"
    assert reported == ["closing", "closing"]


def test_what_waited_too_long_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_pool, "_WAIT_SECONDS", -1.0)
    done, ended = threading.Event(), threading.Event()

    async def run() -> None:
        with pytest.raises(Overloaded):
            await begin(ThreadPool(1, 1), done.set, ended.set)

    asyncio.run(run())
    assert ended.is_set()
    assert not done.is_set()
