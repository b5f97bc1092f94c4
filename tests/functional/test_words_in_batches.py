"""SQLite indexes the words of new uploads in batches; those that wait are found nevertheless."""

from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text

from open_event_uploads.context import db
from open_event_uploads.database.engine import open_engine
from open_event_uploads.uploads.model import Upload, UploadRow
from open_event_uploads.uploads.rows import UploadRows, write_uploads
from open_event_uploads.uploads.word_search import HasAllWords
from tests.documents import COLLECTION

pytestmark = pytest.mark.default_stack("about SQLite")

BATCH = 16
_KEYS = count()


def columns(**others: str) -> dict[str, Any]:
    checksum = "sha256:" + "0" * 64
    facts = {"media_type": "image/png", "size": 10, "checksum": checksum}
    return {**facts, "key": f"{next(_KEYS)}.png", "received_checksum": checksum, **others}


def insert(filename: str, alt: str = "") -> UploadRow:
    values = columns(filename=filename, alt=alt)
    return write_uploads(db.engine, lambda rows: rows.insert(values))


def names(*words: str, most: int | None = None) -> list[str]:
    with db.engine.connect() as connection:
        condition = HasAllWords(Upload, words, most)
        return sorted(connection.scalars(select(Upload.filename).where(condition)))


def indexed() -> int:
    with db.engine.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM upload_words")) or 0)


def change(row: UploadRow, **changes: Any) -> None:  # noqa: ANN401 - values of columns
    write_uploads(db.engine, lambda rows: rows.update(rows.lock(row.id), changes))


def delete(row: UploadRow) -> None:
    write_uploads(db.engine, lambda rows: rows.delete(rows.lock(row.id)))


def test_each_upload_is_found_at_once_and_a_full_batch_is_indexed(app: Flask) -> None:
    with app.app_context():
        for number in range(2 * BATCH + 3):
            insert(f"{number}.png", "Día 3, ĳs e\u0301")
            assert len(names("día", "3", "ĳs")) == number + 1
            assert names(str(number), "e\u0301")[-1] == f"{number}.png"
            assert indexed() == (number + 1) // BATCH * BATCH


def test_a_bound_keeps_the_newest_of_those_that_wait_and_those_that_do_not(app: Flask) -> None:
    with app.app_context():
        for number in range(BATCH + 3):
            insert(f"{number}.png")
        for most in (1, 3, 5):
            newest = [f"{number}.png" for number in range(BATCH + 3 - most, BATCH + 3)]
            assert names("png", most=most) == sorted(newest)


def test_changes_and_deletions_are_followed_before_and_after_the_batch(app: Flask) -> None:
    with app.app_context():
        rows = [insert(f"{number}.png", "before") for number in range(BATCH + 4)]
        for row in (rows[1], rows[-2]):
            change(row, alt="after")
            assert names("after")[-1] == row.filename
        for row in (rows[2], rows[-1], rows[-2], rows[1], rows[BATCH - 1]):
            delete(row)
        assert names("after") == []
        assert len(names("before")) == BATCH - 1
        # The numbers of those that are gone are given again.
        again = [insert(f"again-{number}.png", "before") for number in range(BATCH)]
        assert len(names("before", "again")) == BATCH
        for row in again:
            delete(row)
        assert names("again") == []
        assert len(names("before")) == BATCH - 1


def test_the_last_ones_can_be_deleted_and_numbered_again(app: Flask) -> None:
    with app.app_context():
        for turn in range(5):
            rows = [insert(f"{turn}-{number}.png") for number in range(BATCH - 1 + turn)]
            assert len(names(str(turn))) >= len(rows)
            for row in reversed(rows):
                delete(row)
        assert names("png") == []
        assert indexed() == 0


def test_what_is_undone_leaves_no_words(app: Flask) -> None:
    def fails(rows: UploadRows) -> None:
        rows.insert(columns(filename="undone.png"))
        raise ZeroDivisionError

    with app.app_context():
        for number in range(BATCH - 1):
            insert(f"{number}.png")
        with pytest.raises(ZeroDivisionError):
            write_uploads(db.engine, fails)
        assert names("undone") == []
        assert indexed() == 0
        insert("last.png")
        assert indexed() == BATCH
        assert len(names("png")) == BATCH


def test_those_that_wait_are_found_where_nothing_may_be_written(app: Flask) -> None:
    with app.app_context():
        insert("waiting.png")
        engine = open_engine(str(db.engine.url), name="it", read_only=True)
        with engine.connect() as connection:
            found = select(Upload.filename).where(HasAllWords(Upload, ("waiting",)))
            assert connection.scalars(found).all() == ["waiting.png"]
        engine.dispose()


def test_an_older_schema_has_them_in_its_index(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        for number in range(BATCH + 3):
            insert(f"{number}.png")
        downgrade(revision="20261129_revoked")
        assert indexed() == BATCH + 3
        insert("one.png")
        assert indexed() == BATCH + 4
        upgrade()
        insert("two.png")
        assert indexed() == BATCH + 4
    found = client.get(f"{COLLECTION}?filter[q]=png").get_json()
    assert found["meta"]["count"] == BATCH + 5
