"""Rows of uploads are inserted, updated and deleted in one place, which counts their bytes."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from open_event_uploads.context import db
from open_event_uploads.errors import InvalidToken, NotFound, QuotaExceeded
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.uploads.model import UploadRow
from open_event_uploads.uploads.quota import Bytes
from open_event_uploads.uploads.rows import UploadRows, new_row, read_upload, write_uploads
from tests.accounts import account

UNKNOWN = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"


@pytest.fixture
def engine(app: Flask) -> Iterator[Engine]:
    with app.app_context():
        yield db.engine


def columns(**others: Any) -> dict[str, Any]:  # noqa: ANN401 - values of columns
    checksum = "sha256:" + "0" * 64
    facts = {"media_type": "image/png", "size": 10, "checksum": checksum}
    needed = {"key": "a.png", "filename": "a.png", "received_checksum": checksum}
    return {**facts, **needed, **others}


def insert(engine: Engine, **others: Any) -> UploadRow:  # noqa: ANN401 - values of columns
    return write_uploads(engine, lambda rows: rows.insert(columns(**others)))


def test_what_is_left_out_has_its_default(engine: Engine) -> None:
    made = insert(engine)
    found = (made.alt, made.visibility, made.status, made.version, made.expires_at)
    assert found == ("", "public", "ready", 1, None)
    assert read_upload(engine, made.id) == made


def test_the_row_to_be_inserted_is_known_before(engine: Engine) -> None:
    values = columns(alt="The main stage")
    before, made = new_row(values), insert(engine, alt="The main stage")
    assert (before.alt, before.size, before.version) == (made.alt, made.size, made.version)


def test_an_owner_who_is_gone_has_no_valid_token(engine: Engine) -> None:
    with pytest.raises(InvalidToken):
        insert(engine, owner_id=UNKNOWN)


@pytest.mark.parametrize("upload_id", ["", "x", UNKNOWN])
def test_what_is_not_there_cannot_be_locked(engine: Engine, upload_id: str) -> None:
    assert read_upload(engine, upload_id) is None
    with pytest.raises(NotFound):
        write_uploads(engine, lambda rows: rows.lock(upload_id))


def test_the_same_values_are_no_change(engine: Engine) -> None:
    made = insert(engine)

    def step(rows: UploadRows) -> None:
        locked = rows.lock(made.id)
        assert rows.update(locked, {"alt": "", "size": 10}) is locked
        assert rows.update(locked, {"alt": "x"}).version == locked.version + 1

    write_uploads(engine, step)
    changed = read_upload(engine, made.id)
    assert changed is not None
    assert (changed.alt, changed.version) == ("x", 2)


def test_bytes_are_noted_as_rows_come_change_and_go(app: Flask, engine: Engine) -> None:
    ada = account(app)

    def step(rows: UploadRows) -> None:
        made = rows.insert(columns(owner_id=ada))
        assert rows.ledger.by_owner[ada] == Bytes(added=10)
        changed = rows.update(made, {"size": 4}, sent=4)
        assert rows.ledger.by_owner[ada] == Bytes(added=14, removed=10)
        rows.delete(changed)
        assert rows.ledger.by_owner[ada] == Bytes(added=14, removed=14)

    write_uploads(engine, step)


def test_too_many_bytes_undo_the_write(app: Flask, engine: Engine) -> None:
    policy = FilePolicy(frozenset(), 0, 0, quota_bytes=9)
    ada = account(app)
    made: list[UploadRow] = []

    def step(rows: UploadRows) -> None:
        made.append(rows.insert(columns(owner_id=ada)))

    with pytest.raises(QuotaExceeded):
        write_uploads(engine, step, policy=policy)
    assert read_upload(engine, made[0].id) is None
