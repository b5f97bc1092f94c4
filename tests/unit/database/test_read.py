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

from open_event_uploads.accounts.token import Token
from open_event_uploads.accounts.user import User
from open_event_uploads.context import db
from open_event_uploads.database.read import Prepared, asking, light
from open_event_uploads.metrics import DATABASE
from open_event_uploads.uploads.model import Upload, is_kept
from open_event_uploads.uploads.usage import Usage
from open_event_uploads.variants.model import SavedPreset
from tests.documents import upload
from tests.images import picture

BY_ID = Prepared(select(Upload).where(Upload.id == bindparam("id")), light(Upload))


@pytest.fixture
def id_(client: FlaskClient) -> Iterator[str]:
    made = upload(client, picture())
    with client.application.app_context():
        yield made["id"]


@pytest.mark.usefixtures("id_")
@pytest.mark.parametrize("model", [Upload, User, Token, SavedPreset])
def test_a_light_row_has_what_the_model_has(model: Any) -> None:  # noqa: ANN401 - any model
    expected = list(db.session.scalars(select(model).order_by(model.id)))
    question = select(model).order_by(model.id)
    assert expected
    with asking(db.engine) as connection:
        asked = [light(model)(each) for each in connection.execute(question)]
    for found in (asked, Prepared(question, light(model)).all(db.engine)):
        for row, one in zip(found, expected, strict=True):
            for name in row._fields:
                assert getattr(row, name) == getattr(one, name)
                assert type(getattr(row, name)) is type(getattr(one, name))


@pytest.mark.usefixtures("app")
def test_a_light_row_has_the_properties_of_the_model() -> None:
    columns = [each.key for each in Token.__mapper__.column_attrs]
    made = light(Token)(["a b" if name == "scope" else None for name in columns])
    assert made.scopes == frozenset({"a", "b"})


def test_what_is_not_there_is_none(id_: str) -> None:
    assert BY_ID.first(db.engine, {"id": id_}) is not None
    assert BY_ID.first(db.engine, {"id": "00000000-0000-4000-8000-000000000000"}) is None


def test_a_value_that_nobody_gives_is_a_mistake(app: Flask) -> None:
    with app.app_context(), pytest.raises((KeyError, StatementError)):
        BY_ID.first(db.engine)


def test_what_changes_is_seen_at_once(id_: str) -> None:
    kept = Prepared(select(Upload.alt).where(Upload.id == bindparam("id"), is_kept()), tuple)
    assert kept.all(db.engine, {"id": id_}) == [("",)]
    found = db.session.get_one(Upload, id_)
    found.alt = "a wave"
    db.session.commit()
    assert kept.all(db.engine, {"id": id_}) == [("a wave",)]
    found.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    db.session.commit()
    assert kept.all(db.engine, {"id": id_}) == []


def test_the_time_is_that_of_the_asking(id_: str) -> None:
    kept = Prepared(select(Upload.id).where(is_kept()), tuple)
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
        question = Prepared(select(Usage), tuple)
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
