"""Questions that are written once: what is found is what a session finds, at this moment."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import bindparam, create_engine, event, select
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from open_event_uploads.accounts.token import Token, TokenRow
from open_event_uploads.accounts.user import User
from open_event_uploads.context import db
from open_event_uploads.database.read import Query, read
from open_event_uploads.database.row import row_class_of
from open_event_uploads.database.write import write
from open_event_uploads.metrics import DATABASE
from open_event_uploads.uploads.model import Upload, UploadRow, is_kept
from open_event_uploads.uploads.usage import Usage
from open_event_uploads.variants.model import SavedPreset
from tests.documents import upload
from tests.images import picture

BY_ID = Query(select(Upload).where(Upload.id == bindparam("id")), UploadRow)


@pytest.fixture
def id_(client: FlaskClient) -> Iterator[str]:
    made = upload(client, picture())
    with client.application.app_context():
        yield made["id"]


@pytest.mark.usefixtures("id_")
@pytest.mark.parametrize("model", [Upload, User, Token, SavedPreset])
def test_a_row_has_the_values_of_the_model(model: Any) -> None:  # noqa: ANN401 - any model
    expected = list(db.session.scalars(select(model).order_by(model.id)))
    question = select(model).order_by(model.id)
    assert expected
    row_class = row_class_of(model)
    for found in (
        read(db.engine, question, row_class),
        Query(question, row_class).all(db.engine),
        write(db.engine, lambda execute: read(execute, question, row_class)),
        write(db.engine, lambda execute: Query(question, row_class).all(execute)),
    ):
        for row, one in zip(found, expected, strict=True):
            assert type(row) is row_class
            for name in model.__table__.columns.keys():  # noqa: SIM118 - no mapping
                assert getattr(row, name) == getattr(one, name)
                assert type(getattr(row, name)) is type(getattr(one, name))


def test_a_row_cannot_be_changed_and_has_no_other_attributes(id_: str) -> None:
    row: Any = BY_ID.first(db.engine, {"id": id_})
    with pytest.raises(AttributeError):
        row.alt = "a wave"
    with pytest.raises(AttributeError):
        row.altt = "a wave"
    assert repr(row) == f"UploadRow(id='{id_}')"


def test_a_row_has_the_properties_of_the_columns_class() -> None:
    columns = Token.__table__.columns
    made = TokenRow(*("a b" if each.key == "scope" else None for each in columns))
    assert made.scopes == frozenset({"a", "b"})


def test_a_list_of_values_is_looked_for(id_: str) -> None:
    question = select(Upload.id).where(Upload.id.in_([id_, "none"]), Upload.status == "ready")
    named = select(Upload.id).where(Upload.id.in_(bindparam("ids", expanding=True)))
    for _ in range(2):
        assert read(db.engine, question) == [(id_,)]
        assert write(db.engine, lambda execute: read(execute, question)) == [(id_,)]
        assert Query(named).all(db.engine, {"ids": [id_, "none"]}) == [(id_,)]
    assert Query(named).all(db.engine, {"ids": []}) == []


def test_what_is_not_there_is_none(id_: str) -> None:
    assert BY_ID.first(db.engine, {"id": id_}) is not None
    assert BY_ID.first(db.engine, {"id": "00000000-0000-4000-8000-000000000000"}) is None


def test_a_value_that_nobody_gives_is_a_mistake(app: Flask) -> None:
    with app.app_context(), pytest.raises((KeyError, StatementError)):
        BY_ID.first(db.engine)


def test_what_changes_is_seen_at_once(id_: str) -> None:
    kept = Query(select(Upload.alt).where(Upload.id == bindparam("id"), is_kept()))
    assert kept.all(db.engine, {"id": id_}) == [("",)]
    found = db.session.get_one(Upload, id_)
    found.alt = "a wave"
    db.session.commit()
    assert kept.all(db.engine, {"id": id_}) == [("a wave",)]
    found.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    db.session.commit()
    assert kept.all(db.engine, {"id": id_}) == []


def test_the_time_is_that_of_the_asking(id_: str) -> None:
    kept = Query(select(Upload.id).where(is_kept()))
    found = db.session.get_one(Upload, id_)
    found.expires_at = datetime.now(UTC) + timedelta(seconds=0.3)
    db.session.commit()
    assert kept.first(db.engine)
    while datetime.now(UTC) < found.expires_at:
        pass
    assert kept.first(db.engine) is None


def test_what_the_database_refuses_is_said_as_sqlalchemy_says_it(app: Flask) -> None:
    with app.app_context():
        db.session.connection().exec_driver_sql("DROP TABLE usage")
        db.session.commit()
        question = Query(select(Usage))
        with pytest.raises(DBAPIError, match="usage"):
            question.all(db.engine)
        # And its connection can be used again.
        assert BY_ID.first(db.engine, {"id": "00000000-0000-4000-8000-000000000000"}) is None


def test_a_database_that_cannot_be_reached_is_an_error_of_sqlalchemys(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/nowhere/uploads.db")
    with pytest.raises(OperationalError, match="unable to open"):
        BY_ID.first(engine, {"id": "00000000-0000-4000-8000-000000000000"})


def test_each_is_timed(id_: str) -> None:
    def timed() -> float:
        return sum(
            sample.value
            for family in DATABASE.collect()
            for sample in family.samples
            if sample.name.endswith("_count") and sample.labels["statement"] == "select"
        )

    before = timed()
    BY_ID.first(db.engine, {"id": id_})
    assert timed() == before + 1


def test_whoever_listens_to_statements_hears_of_it(id_: str) -> None:
    heard: list[str] = []

    def listen(_: object, __: object, statement: str, *___: object) -> None:
        heard.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        found = BY_ID.first(db.engine, {"id": id_})
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    assert found == BY_ID.first(db.engine, {"id": id_})
    assert [each for each in heard if "FROM uploads" in each]
