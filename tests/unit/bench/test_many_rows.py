"""Test that rows inserted by SQL are listed, counted and searched by the same indexes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bench.images import make_jpeg
from bench.many_rows import multiply
from bench.workload import document
from open_event_uploads.context import db

pytestmark = pytest.mark.default_stack("makes rows of SQLite")

_COUNT = 500
_PARTS = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'uploads' ORDER BY name"


@pytest.fixture
def database(app: Flask, client: FlaskClient, data_dir: Path) -> Iterator[Path]:
    """Return the path of a closed database with one upload."""
    body = document(make_jpeg(64, 48, 2_000))
    answer = client.post("/v1/uploads", data=body, content_type="application/vnd.api+json")
    assert answer.status_code == 201, answer.text
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    yield data_dir / "uploads.db"
    with app.app_context():
        db.engine.dispose()


def test_they_are_listed_counted_and_found(database: Path, client: FlaskClient) -> None:
    multiply(database, _COUNT)
    listed = client.get("/v1/uploads?page[size]=2").get_json()
    assert listed["meta"]["count"] == _COUNT + 1
    found = client.get("/v1/uploads?filter[q]=photo 499").get_json()
    (upload,) = found["data"]
    assert upload["attributes"]["filename"] == "photo 499.jpg"
    assert client.get(upload["links"]["self"]).get_json()["data"] == upload


def test_indexes_and_triggers_are_there_again(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        before = connection.execute(_PARTS).fetchall()
    multiply(database, _COUNT)
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute(_PARTS).fetchall() == before
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
