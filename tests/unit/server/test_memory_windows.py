"""Counts in memory: as those of the library, in less time."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.server.memory_windows import MemoryWindows


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be set."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def test_a_clock_that_is_set_back_prolongs_no_window(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = MemoryWindows()
    storage.incr("one", 60)
    monkeypatch.setattr(time, "time", lambda: clock[0] - 3600)
    assert storage.get_expiry("one") == clock[0] - 3600 + 60
    clock[0] += 60.1
    assert (storage.get("one"), storage.incr("one", 60)) == (0, 1)


def test_a_window_begins_with_the_first_and_ends_in_time(clock: list[float]) -> None:
    storage = MemoryWindows()
    assert (storage.get("one"), storage.get_expiry("one")) == (0, 0)
    assert [storage.incr("one", 60), storage.incr("one", 60, 3)] == [1, 4]
    clock[0] += 59.9
    assert (storage.get("one"), storage.get_expiry("one")) == (4, 1060)
    clock[0] += 0.2
    assert storage.get("one") == 0
    assert storage.incr("one", 60) == 1


def test_what_has_ended_is_not_kept(clock: list[float]) -> None:
    storage = MemoryWindows()
    for number in range(100_000):
        storage.incr(f"{number}", 60)
        clock[0] += 1
    assert len(storage) < 3000


@given(amounts=st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 50))))
def test_keys_count_apart(amounts: list[tuple[str, int]]) -> None:
    storage = MemoryWindows()
    for key, amount in amounts:
        storage.incr(key, 60, amount)
    for key in "ab":
        assert storage.get(key) == sum(amount for other, amount in amounts if other == key)


def test_threads_lose_nothing_and_none_is_started() -> None:
    storage = MemoryWindows()
    seen: list[int] = []
    threads = [
        threading.Thread(target=lambda: seen.extend(storage.incr("one", 60) for _ in range(500)))
        for _ in range(8)
    ]
    before = threading.active_count()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(seen) == list(range(1, 4001))
    assert threading.active_count() == before
