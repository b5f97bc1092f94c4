"""Connections without a pool: reused, and closed with their engine."""

from collections.abc import Iterator
from pathlib import Path
from sqlite3 import Connection, ProgrammingError
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, create_engine, literal, literal_column, select, text
from sqlalchemy.exc import OperationalError

from open_event_uploads.database.driver_connections import driver_connections
from open_event_uploads.database.engine import configure_engine
from open_event_uploads.database.read import Query

ONE = Query(select(literal(1)))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path}/uploads.db")
    configure_engine(made, read_only=True)
    yield made
    made.dispose()


def is_open(connection: Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except ProgrammingError:
        return False
    return True


def test_the_last_one_is_used_again(engine: Engine) -> None:
    connections = driver_connections(engine)
    first, second = connections.borrow(engine), connections.borrow(engine)
    assert first is not second
    connections.give_back(second)
    connections.give_back(first)
    assert connections.borrow(engine) is first
    assert connections.borrow(engine) is second
    first.close()
    second.close()


def test_it_is_made_as_all_others_of_the_engine(engine: Engine) -> None:
    connections = driver_connections(engine)
    connection = connections.borrow(engine)
    assert connection.execute("PRAGMA query_only").fetchone() == (1,)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connections.give_back(connection)


def test_the_pool_is_none_the_poorer(tmp_path: Path) -> None:
    made = create_engine(f"sqlite:///{tmp_path}/uploads.db", pool_size=1, max_overflow=0)
    configure_engine(made)
    connections = driver_connections(made)
    taken = [connections.borrow(made) for _ in range(3)]
    with made.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    for each in taken:
        connections.give_back(each)
    made.dispose()


def test_with_their_engine_they_end(engine: Engine) -> None:
    connections = driver_connections(engine)
    inside, outside = connections.borrow(engine), connections.borrow(engine)
    connections.give_back(inside)
    engine.dispose()
    assert not is_open(inside)
    assert is_open(outside)
    connections.give_back(outside)
    assert not is_open(outside)
    assert driver_connections(engine) is not connections
    again = driver_connections(engine).borrow(engine)
    assert is_open(again)
    driver_connections(engine).give_back(again)


def test_few_are_kept(engine: Engine) -> None:
    connections = driver_connections(engine)
    taken = [connections.borrow(engine) for _ in range(20)]
    for each in taken:
        connections.give_back(each)
    assert sum(map(is_open, taken)) == 16


def test_one_that_failed_is_not_used_again(engine: Engine) -> None:
    connections = driver_connections(engine)
    connection = connections.borrow(engine)
    connections.give_back(connection)
    with pytest.raises(OperationalError):
        Query(select(literal_column("nothing"))).all(engine)
    assert not is_open(connection)


def test_threads_have_one_each(engine: Engine) -> None:
    together, found = Barrier(8), list[int]()

    def ask() -> None:
        together.wait()
        for _ in range(200):
            found.extend(row[0] for row in ONE.all(engine))

    threads = [Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [1] * 1600
