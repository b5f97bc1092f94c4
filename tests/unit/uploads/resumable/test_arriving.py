"""A receiver that is closed before its request has come to its end."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from open_event_uploads.context import current_settings, current_storage, db
from open_event_uploads.uploads.resumable.arriving import ArrivingBytes
from open_event_uploads.uploads.resumable.begin import NewResumable, begin_resumable
from open_event_uploads.uploads.resumable.lock import UploadLock, take_lock
from open_event_uploads.uploads.resumable.model import ResumableUpload
from open_event_uploads.uploads.resumable.place import Place
from tests.stored import StoredFiles


@pytest.fixture
def place(app: Flask) -> Iterator[Place]:
    with app.app_context():
        yield Place(db.engine, current_storage(), current_settings().policy)


def begun(place: Place) -> UploadLock:
    return begin_resumable(NewResumable(10), owner_id=None, sender="somebody", place=place)


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(ResumableUpload)) or 0


def test_what_it_began_is_removed(place: Place, stored_files: StoredFiles) -> None:
    stored = stored_files()
    receiver = ArrivingBytes(begun(place), 10, None, place)
    receiver.append([b"abc"])
    receiver.close()
    assert rows() == 0
    assert stored_files() == stored


def test_nobody_waits_for_it_any_more_and_closing_it_again_asks_nothing(place: Place) -> None:
    taken = take_lock(begun(place).row.id, None, offset=0, engine=place.engine)
    receiver = ArrivingBytes(taken, 10, None, place)
    receiver.append([b"abc"])
    receiver.close()
    assert db.session.scalars(select(ResumableUpload.has_writer)).all() == [False]
    statements: list[object] = []
    event.listen(place.engine, "before_cursor_execute", lambda *each: statements.append(each))
    receiver.close()
    assert statements == []
