"""Use two storages while one takes the place of the other."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from open_event_uploads.errors import InvalidSettings, ObjectNotFound
from open_event_uploads.storage import open_storage
from open_event_uploads.storage.capabilities import members_of
from open_event_uploads.storage.local import LocalStorage
from open_event_uploads.storage.memory import MemoryStorage
from open_event_uploads.storage.moving import MovingStorage

KEY = f"{uuid.uuid4()}.png"


@pytest.fixture
def storage() -> MovingStorage:
    return MovingStorage(MemoryStorage(), MemoryStorage())


def read(storage: MovingStorage) -> bytes:
    with storage.open(KEY) as reader:
        return reader.read()


def test_both_are_read(storage: MovingStorage) -> None:
    storage.previous.put(KEY, b"old")
    assert read(storage) == b"old"
    storage.current.put(KEY, b"new")
    assert read(storage) == b"new"


def test_what_arrives_while_one_asks_is_found() -> None:
    class Late(MemoryStorage):
        """A storage whose object is moved while it is being opened."""

        def open(self, key: str) -> BinaryIO:
            current.put(key, b"moved")
            return super().open(key)

    current = MemoryStorage()
    assert read(MovingStorage(current, Late())) == b"moved"


def test_the_new_one_is_written(storage: MovingStorage) -> None:
    storage.put(KEY, b"x")
    storage.write_marker("one")
    assert [each.key for each in storage.current.objects()] == [KEY]
    assert list(storage.previous.objects()) == []
    assert storage.previous.read_marker() is None


@pytest.mark.parametrize("place", ["current", "previous"])
def test_what_is_deleted_is_in_neither(storage: MovingStorage, place: str) -> None:
    for key in (KEY, "variants/a/b.webp"):
        getattr(storage, place).put(key, b"x")
    storage.delete(KEY)
    storage.delete_folder("variants/a")
    with pytest.raises(ObjectNotFound):
        storage.open(KEY)
    assert list(storage.objects()) == []


def test_interrupted_writes_of_both_are_swept(tmp_path: Path) -> None:
    for name in ("current", "previous"):
        (tmp_path / name / "temporary").mkdir(parents=True)
        (tmp_path / name / "temporary" / "x").touch()
    storage = MovingStorage(LocalStorage(tmp_path / "current"), LocalStorage(tmp_path / "previous"))
    assert storage.sweep_temporary(timedelta(seconds=-10)) == 2


def test_the_opener_makes_one_of_two_addresses(tmp_path: Path) -> None:
    storage = open_storage("memory:", f"file://{tmp_path}/previous")
    assert isinstance(storage, MovingStorage)
    current, previous = members_of(storage)
    assert isinstance(current, MemoryStorage)
    assert isinstance(previous, LocalStorage)
    assert members_of(current) == (current,)


@pytest.mark.parametrize("previous", ["tape://x", "file:///srv/new/", "file:///srv/new"])
def test_a_previous_address_that_cannot_be_is_refused_by_its_name(previous: str) -> None:
    with pytest.raises(InvalidSettings, match=r"^UPLOADS_STORAGE_PREVIOUS_URL: "):
        open_storage("file:///srv/new", previous)
