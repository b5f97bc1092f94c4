"""Uploads are read in batches, whatever others write meanwhile."""

from itertools import count

from flask import Flask
from sqlalchemy import Engine

from open_event_uploads.context import db
from open_event_uploads.database.types import new_id, new_ordered_id
from open_event_uploads.uploads.rows import write_uploads
from open_event_uploads.uploads.walk import walk_uploads

_NUMBERS = count()


def insert(engine: Engine, upload_id: str) -> str:
    checksum = "sha256:" + "0" * 64
    columns = {
        "id": upload_id,
        "key": f"{next(_NUMBERS)}.png",
        "filename": "a.png",
        "media_type": "image/png",
        "size": 10,
        "checksum": checksum,
        "received_checksum": checksum,
    }
    return write_uploads(engine, lambda rows: rows.insert(columns)).id


def test_a_walk_ends_although_an_upload_is_added_for_each_that_it_reads(app: Flask) -> None:
    with app.app_context():
        # Those of before have random ids.
        there = {insert(db.engine, make()) for make in (new_id, new_ordered_id) for _ in range(5)}
        found = set[str]()
        for batch in walk_uploads(engine=db.engine, batch_size=1):
            found |= {each.id for each in batch}
            assert len(found) < 100
            insert(db.engine, new_ordered_id())
    assert found >= there


def test_nothing_is_walked_where_there_is_nothing(app: Flask) -> None:
    with app.app_context():
        assert list(walk_uploads(engine=db.engine)) == []
