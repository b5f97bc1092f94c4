"""Writes that become durable together: each is told what became of its own."""

import gc
import sqlite3
import sys
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import ContextVar
from pathlib import Path
from threading import get_ident
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError, OperationalError

import open_event_uploads.database.write as write_module
from open_event_uploads.database import sqlite_transaction
from open_event_uploads.database.driver_connections import lent_connection
from open_event_uploads.database.engine import configure_engine
from open_event_uploads.database.sqlite import READ_ONLY
from open_event_uploads.database.statement import Execute, Statement
from open_event_uploads.database.write import write
from open_event_uploads.database.write_lock import lock_of
from open_event_uploads.errors import CommitOutcomeUnknown, DatabaseUnavailable, ReadOnly

NUMBERS = Table("numbers", MetaData(), Column("n", Integer, primary_key=True), Column("t", String))
INSERT = Statement(insert(NUMBERS))
FIND = Statement(select(NUMBERS.c.t).where(NUMBERS.c.n == bindparam("wanted")))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'numbers.db'}", pool_size=20)
    configure_engine(made)
    NUMBERS.metadata.create_all(made)
    yield made
    made.dispose()


def adds(number: int) -> Callable[[Execute], int]:
    def write(execute: Execute) -> int:
        execute(INSERT, {"n": number, "t": str(number)})
        return number

    return write


def kept(engine: Engine) -> set[int]:
    """As another process sees it."""
    with closing(sqlite3.connect(str(engine.url.database))) as connection:
        return {n for (n,) in connection.execute("SELECT n FROM numbers")}


def wait_for_waiting(engine: Engine, number: int) -> None:
    group = write_module._GROUPS  # noqa: SLF001 - to know when all of them wait
    while engine not in group or len(group[engine]._waiting) < number:  # noqa: SLF001
        time.sleep(0.001)


def held_up(engine: Engine, writes: list[Callable[[Execute], Any]]) -> list[Any]:
    """What becomes of writes that all wait for the same turn, which somebody has until then."""
    lock = lock_of(engine)
    assert lock is not None
    with ThreadPoolExecutor(len(writes)) as pool:
        with lock.held():
            found = [pool.submit(write, engine, each) for each in writes]
            wait_for_waiting(engine, len(writes))
        return [each.exception() or each.result() for each in found]


def test_what_a_write_returns_is_returned_once_it_is_committed(engine: Engine) -> None:
    assert write(engine, adds(1)) == 1
    assert kept(engine) == {1}
    assert write(engine, lambda execute: execute(FIND, {"wanted": 1})) == [("1",)]


def test_those_that_wait_become_durable_with_one_commit(engine: Engine) -> None:
    seen: list[set[int]] = []

    def write(execute: Execute) -> None:
        seen.append(kept(engine))
        execute(INSERT, {"n": len(seen), "t": ""})

    assert held_up(engine, [write] * 8) == [None] * 8
    # Nobody saw what another one had written: none was committed before all were written.
    assert seen == [set()] * 8
    assert kept(engine) == set(range(1, 9))


def test_a_database_that_cannot_be_opened_is_said_as_sqlalchemy_says_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(engine, "raw_connection", fails)
    with pytest.raises(OperationalError):
        write(engine, adds(1))


def test_each_step_runs_in_the_context_of_its_caller(engine: Engine) -> None:
    number: ContextVar[int] = ContextVar("number")
    ran_in: set[int] = set()

    def step(execute: Execute) -> int:
        ran_in.add(get_ident())
        execute(INSERT, {"n": number.get(), "t": ""})
        return number.get()

    def numbered(value: int) -> Any:  # noqa: ANN401 - a thread's write
        number.set(value)
        return write(engine, step)

    lock = lock_of(engine)
    assert lock is not None
    with ThreadPoolExecutor(8) as pool:
        with lock.held():
            found = [pool.submit(numbered, each) for each in range(8)]
            wait_for_waiting(engine, 8)
        assert [each.result() for each in found] == list(range(8))
    assert len(ran_in) == 1
    assert kept(engine) == set(range(8))


def test_a_step_reads_what_it_has_written(engine: Engine) -> None:
    def step(execute: Execute) -> list[Any]:
        execute(INSERT, {"n": 1, "t": "one"})
        return [
            *execute(FIND, {"wanted": 1}),
            *execute(select(NUMBERS.c.n).where(NUMBERS.c.n.in_([1, 2]))),
            *execute(insert(NUMBERS).values(n=2, t="two").returning(NUMBERS.c.t)),
        ]

    assert [tuple(each) for each in write(engine, step)] == [("one",), (1,), ("two",)]


def test_one_that_fails_costs_the_others_nothing(engine: Engine) -> None:
    write(engine, adds(3))

    def half(execute: Execute) -> None:
        execute(INSERT, {"n": 100, "t": "undone"})
        raise KeyError("of its own")

    outcomes = held_up(engine, [adds(1), adds(3), half, adds(2)])
    assert outcomes[0] == 1
    assert isinstance(outcomes[1], IntegrityError)
    assert isinstance(outcomes[2], KeyError)
    assert outcomes[3] == 2
    assert kept(engine) == {1, 2, 3}


def test_one_that_fails_alone_leaves_nothing(engine: Engine) -> None:
    def half(execute: Execute) -> None:
        execute(INSERT, {"n": 100, "t": "undone"})
        raise KeyError("of its own")

    with pytest.raises(KeyError):
        write(engine, half)
    assert kept(engine) == set()
    assert write(engine, adds(1)) == 1


def test_where_the_whole_transaction_is_lost_everybody_hears_of_it(engine: Engine) -> None:
    def loses_it(execute: Execute) -> None:
        # What SQLite does by itself where the disk is full (lang_transaction.html, section 3).
        execute(text("ROLLBACK"))
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    outcomes = held_up(engine, [adds(1), loses_it, adds(2)])
    assert [type(each) for each in outcomes] == [OperationalError] * 3
    assert kept(engine) == set()
    assert write(engine, adds(4)) == 4


def test_nobody_is_told_of_success_where_the_commit_fails(engine: Engine) -> None:
    def judge(action: int, word: str | None, *_: object) -> int:
        denied = action == sqlite3.SQLITE_TRANSACTION and word == "COMMIT"
        return sqlite3.SQLITE_DENY if denied else sqlite3.SQLITE_OK

    def deny(connection: sqlite3.Connection, *_: object) -> None:
        connection.set_authorizer(judge)

    event.listen(engine, "checkout", deny)
    outcomes = held_up(engine, [adds(1), adds(2)])
    assert [type(each) for each in outcomes] == [CommitOutcomeUnknown] * 2
    event.remove(engine, "checkout", deny)
    engine.dispose()
    assert write(engine, adds(3)) == 3
    assert kept(engine) == {3}


def test_what_fails_after_the_commit_undoes_nothing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(step: str) -> None:
        if step == "commit.done":
            raise OSError(step)

    monkeypatch.setattr(sqlite_transaction, "reach", fails)
    assert write(engine, adds(1)) == 1
    assert held_up(engine, [adds(2), adds(3)]) == [2, 3]
    assert kept(engine) == {1, 2, 3}


def test_who_waits_too_long_hears_that_nothing_was_done(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_module, "WAIT_SECONDS", 0.05)
    lock = lock_of(engine)
    assert lock is not None
    with lock.held(), ThreadPoolExecutor(1) as pool:
        found = pool.submit(write, engine, adds(1))
        assert isinstance(found.exception(), DatabaseUnavailable)
    write(engine, adds(2))
    assert kept(engine) == {2}


def test_what_somebody_is_told_is_what_was_done_however_many_give_up(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_module, "WAIT_SECONDS", 0.003)
    monkeypatch.setattr(write_module, "_MAX_STEPS", 3)

    def one(number: int) -> bool:
        try:
            return write(engine, adds(number)) == number
        except DatabaseUnavailable:
            return False

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(24) as pool:
            told = list(pool.map(one, range(1500)))
    finally:
        sys.setswitchinterval(interval)
    assert kept(engine) == {number for number, done in enumerate(told) if done}
    monkeypatch.undo()
    assert write(engine, adds(9999)) == 9999


def test_a_commit_that_is_interrupted_has_an_unknown_outcome(engine: Engine) -> None:
    class Interrupted(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401 - the driver's
            found = super().execute(sql, *values)
            if sql == "COMMIT":
                raise KeyboardInterrupt
            return found

        def rollback(self) -> None:
            raise sqlite3.OperationalError("disk I/O error")

    with closing(Interrupted(str(engine.url.database), isolation_level=None)) as connection:
        job = sqlite_transaction.Job(adds(1))
        with pytest.raises(CommitOutcomeUnknown):
            sqlite_transaction.run_jobs([job], connection, engine.dialect)
    assert kept(engine) == {1}


_FULL, _NORMAL = 2, 1
_LEVEL = text("PRAGMA synchronous")


def levels(engine: Engine, flushed: Sequence[bool]) -> list[int]:
    """Run steps in one transaction, and return whether each sees that it is going to be flushed."""
    jobs = [sqlite_transaction.Job(lambda execute: execute(_LEVEL)[0][0], each) for each in flushed]
    with lent_connection(engine) as connection:
        sqlite_transaction.run_jobs(jobs, connection, engine.dialect)
    return [job.outcome() for job in jobs]


@pytest.mark.parametrize(
    ("flushed", "level"),
    [([True], _FULL), ([False, False], _NORMAL), ([False, True], _FULL), ([True, False], _FULL)],
    ids=str,
)
def test_what_need_not_survive_a_power_cut_waits_for_no_disk(
    engine: Engine, flushed: list[bool], level: int
) -> None:
    assert levels(engine, flushed) == [level] * len(flushed)
    # The next write of the same connection waits again.
    assert levels(engine, [True]) == [_FULL]


def test_a_write_waits_for_the_disk_after_one_that_did_not_and_failed(engine: Engine) -> None:
    write(engine, adds(1), flushed=False)
    assert levels(engine, [True]) == [_FULL]
    with pytest.raises(IntegrityError):
        write(engine, adds(1), flushed=False)
    assert levels(engine, [True]) == [_FULL]
    assert kept(engine) == {1}


def test_what_is_refused_is_let_go_at_once(engine: Engine) -> None:
    class Held:
        pass

    def refused() -> "weakref.ref[Held]":
        held = Held()

        def step(_: Execute) -> None:
            raise KeyError(held)

        with pytest.raises(KeyError):
            write(engine, step)
        return weakref.ref(held)

    gc.disable()
    try:
        assert refused()() is None
    finally:
        gc.enable()


def test_more_than_a_turn_takes_are_written_all_the_same(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_module, "_MAX_STEPS", 2)
    assert held_up(engine, [adds(n) for n in range(7)]) == list(range(7))
    assert kept(engine) == set(range(7))


def test_many_threads_lose_nothing_and_gain_nothing(engine: Engine) -> None:
    def one(number: int) -> int | None:
        try:
            return write(engine, adds(number % 150))
        except IntegrityError:
            return None

    with ThreadPoolExecutor(16) as pool:
        done = [each for each in pool.map(one, range(300)) if each is not None]
    assert sorted(done) == list(range(150))
    assert kept(engine) == set(range(150))


def test_an_engine_that_only_reads_writes_nothing(engine: Engine) -> None:
    with pytest.raises(ReadOnly):
        write(engine.execution_options(**{READ_ONLY: True}), adds(1))
