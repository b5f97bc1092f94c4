"""Rows of any table are written by what the model's columns declare, in either database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, select, update
from sqlalchemy.exc import IntegrityError

from open_event_uploads.accounts.token import TokenRow
from open_event_uploads.accounts.user import User, UserRow
from open_event_uploads.database import rows
from open_event_uploads.database.engine import configure_engine
from open_event_uploads.database.graph import load_graph
from open_event_uploads.database.read import read
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import Base, is_id, now
from open_event_uploads.database.write import write
from open_event_uploads.errors import ChangedMeanwhile
from open_event_uploads.uploads.model import Upload, UploadRow
from open_event_uploads.uploads.usage import UsageRow
from tests.postgres import PostgresServer, database_name

UPLOAD: dict[str, Any] = {
    "key": "a.png",
    "filename": "a.png",
    "media_type": "image/png",
    "size": 1,
    "checksum": "sha256:1",
    "received_checksum": "sha256:2",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    drop: list[str] = []
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/uploads.db"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        drop.append(database_name(request.node.name))
        url = server.create(drop[0], "template1").replace("://", "+psycopg://")
    made = create_engine(url)
    configure_engine(made)
    Base.metadata.create_all(made)
    yield made
    made.dispose()
    for name in drop:
        server.drop(name)


def added(engine: Engine, **values: Any) -> UploadRow:  # noqa: ANN401 - any values
    return write(engine, lambda execute: rows.insert(execute, UploadRow, UPLOAD | values))


def stored(engine: Engine) -> list[UploadRow]:
    return read(engine, select(Upload).order_by(Upload.id), UploadRow)


def test_columns_that_are_left_out_have_their_defaults(engine: Engine) -> None:
    before = now()
    row = added(engine)
    assert is_id(row.id)
    assert (row.alt, row.status, row.visibility, row.version) == ("", "ready", "public", 1)
    assert before <= row.created_at <= now()
    assert before <= row.updated_at <= now()
    assert (row.width, row.owner_id, row.refusal) == (None, None, None)
    assert stored(engine) == [row]


def test_a_row_is_returned_as_it_is_read(engine: Engine) -> None:
    elsewhere = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    row = added(engine, expires_at=elsewhere, refusal={"code": "no", "meta": {"limit": 1}})
    assert row.expires_at is not None
    assert row.expires_at.tzinfo is UTC
    assert stored(engine) == [row]
    changed = write(engine, lambda execute: rows.update(execute, row, {"kept_until": elsewhere}))
    assert changed.kept_until is not None
    assert changed.kept_until.tzinfo is UTC
    assert stored(engine) == [changed]


@pytest.mark.parametrize("writes", ["insert", "update"])
def test_no_value_is_dropped_for_want_of_a_column(engine: Engine, writes: str) -> None:
    row = added(engine)

    def step(execute: Execute) -> UploadRow:
        if writes == "insert":
            return rows.insert(execute, UploadRow, {**UPLOAD, "key": "b.png", "subtitle": "lost"})
        return rows.update(execute, row, {"alt": "a wave", "subtitle": "lost"})

    with pytest.raises(ValueError, match="uploads has no column subtitle"):
        write(engine, step)
    assert stored(engine) == [row]


def test_a_column_without_a_default_needs_a_value(engine: Engine) -> None:
    values = {name: value for name, value in UPLOAD.items() if name != "size"}
    with pytest.raises(ValueError, match=r"uploads\.size needs a value"):
        write(engine, lambda execute: rows.insert(execute, UploadRow, values))
    assert stored(engine) == []


def test_what_a_constraint_forbids_is_not_written(engine: Engine) -> None:
    row = added(engine)
    with pytest.raises(IntegrityError):
        added(engine)
    with pytest.raises(IntegrityError):
        added(engine, key="b.png", owner_id="00000000-0000-4000-8000-000000000000")
    assert stored(engine) == [row]


def test_a_change_is_a_new_version(engine: Engine) -> None:
    row = added(engine)
    changed = write(engine, lambda execute: rows.update(execute, row, {"alt": "a wave", "size": 1}))
    assert (changed.alt, changed.version) == ("a wave", 2)
    assert changed.updated_at > row.updated_at
    assert changed.created_at == row.created_at
    assert stored(engine) == [changed]
    assert row.alt == ""


def test_no_change_is_no_new_version(engine: Engine) -> None:
    row = added(engine)
    heard: list[str] = []

    def step(execute: Execute) -> UploadRow:
        locked = rows.lock(execute, UploadRow, row.id)
        assert locked == row
        event.listen(engine, "before_cursor_execute", lambda *all_: heard.append(all_[2]))
        assert rows.update(execute, locked, {"alt": "", "size": 1}) is locked
        return rows.update(execute, locked, {})

    assert write(engine, step) == row
    assert not [each for each in heard if "UPDATE" in each]
    assert stored(engine) == [row]


def test_a_statement_of_many_rows_notes_the_time_too(engine: Engine) -> None:
    rows_ = [added(engine), added(engine, key="b.png")]
    write(engine, lambda execute: execute(update(Upload).values(alt="a wave")))
    assert {each.alt for each in stored(engine)} == {"a wave"}
    latest = max(each.updated_at for each in rows_)
    assert all(each.updated_at > latest for each in stored(engine))


def test_a_time_that_is_given_is_kept(engine: Engine) -> None:
    row, at = added(engine), now() + timedelta(days=1)
    changed = write(engine, lambda execute: rows.update(execute, row, {"updated_at": at}))
    assert (changed.updated_at, changed.version) == (at, 2)
    assert stored(engine) == [changed]


@pytest.mark.parametrize("by", ["a change", "a deletion"])
def test_a_row_that_others_have_changed_is_not_changed(engine: Engine, by: str) -> None:
    row = added(engine)

    def interfere(execute: Execute) -> None:
        if by == "a change":
            rows.update(execute, row, {"alt": "theirs"})
        else:
            rows.delete(execute, row)

    write(engine, interfere)
    with pytest.raises(ChangedMeanwhile):
        write(engine, lambda execute: rows.update(execute, row, {"alt": "ours"}))
    assert [each.alt for each in stored(engine)] == (["theirs"] if by == "a change" else [])


def test_a_table_without_a_counter_is_written_too(engine: Engine) -> None:
    def step(execute: Execute) -> tuple[TokenRow, UsageRow]:
        user = rows.insert(execute, UserRow, {"name": "Ada"})
        token = rows.insert(execute, TokenRow, {"user_id": user.id, "token_hash": "0" * 64})
        token = rows.update(execute, token, {"name": "laptop"})
        usage = rows.insert(execute, UsageRow, {"user_id": user.id, "day": now().date()})
        assert rows.lock(execute, UsageRow, user.id) == usage
        return token, rows.update(execute, usage, {"stored_bytes": 5})

    token, usage = write(engine, step)
    assert token.name == "laptop"
    assert token.scopes is None
    assert (usage.stored_bytes, usage.day_bytes) == (5, 0)


def test_a_row_is_deleted_once(engine: Engine) -> None:
    first, second = added(engine), added(engine, key="b.png")

    def step(execute: Execute) -> None:
        assert rows.lock(execute, UploadRow, first.id) == first
        rows.delete(execute, first)
        rows.delete(execute, first)
        assert rows.lock(execute, UploadRow, first.id) is None

    write(engine, step)
    assert stored(engine) == [second]


def test_writers_that_lock_a_row_lose_no_change(engine: Engine) -> None:
    row = added(engine)

    def step(execute: Execute) -> None:
        found = rows.lock(execute, UploadRow, row.id)
        assert found is not None
        rows.update(execute, found, {"size": found.size + 1})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, [engine] * 40, [step] * 40))
    assert [(each.size, each.version) for each in stored(engine)] == [(41, 41)]


def test_a_row_becomes_an_object_before_it_is_committed(engine: Engine) -> None:
    user = write(engine, lambda execute: rows.insert(execute, UserRow, {"name": "Ada"}))

    def step(execute: Execute) -> str:
        with load_graph(rows.update(execute, user, {"name": "Countess"}), engine) as found:
            assert isinstance(found, User)
            assert (found.id, found.name) == (user.id, "Countess")
        made = rows.insert(execute, UploadRow, UPLOAD | {"owner_id": user.id})
        with load_graph(made, engine) as found:
            assert isinstance(found, Upload)
            assert found.version == 1
            assert isinstance(found.owner, User)
            return found.owner.id

    assert write(engine, step) == user.id
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of a pool with a size


def test_a_graph_needs_no_second_connection_on_postgresql(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return
    user = write(engine, lambda execute: rows.insert(execute, UserRow, {"name": "Ada"}))
    row = added(engine, owner_id=user.id)

    def step(_: Execute) -> int:
        with load_graph(row, engine) as found:
            assert found.owner.name == "Ada"
            return engine.pool.checkedout()  # type: ignore[attr-defined,no-any-return]  # as above

    assert write(engine, step) == 1
    with load_graph(row, engine) as found:
        assert found.owner.name == "Ada"
