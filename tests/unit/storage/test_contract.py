"""Hold every backend to the contract of `Storage`."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import cast

import pytest

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.spool import open_spool
from open_event_uploads.storage import Storage, open_storage
from open_event_uploads.storage.capabilities import spool_folder_of
from open_event_uploads.storage.contract import check_key
from open_event_uploads.storage.local import LocalStorage
from open_event_uploads.storage.memory import MemoryStorage
from open_event_uploads.storage.moving import MovingStorage

KEY = "0b6c1e0a-2f5e-4d6d-9d5c-3a8f6b0f7a11.png"
OTHER_KEY = "0b6c1e0a-2f5e-4d6d-9d5c-3a8f6b0f7a12.png"

LOCAL: dict[str, Callable[[Path], Storage]] = {
    "memory": lambda _: MemoryStorage(),
    "local": lambda folder: LocalStorage(folder / "storage"),
    "moving": lambda folder: MovingStorage(MemoryStorage(), LocalStorage(folder / "storage")),
}


@pytest.fixture(params=[*LOCAL, "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    backend: str = request.param
    if backend == "s3":
        return cast("Storage", request.getfixturevalue("s3").storage())
    return LOCAL[backend](tmp_path)


def content_of(storage: Storage, key: str) -> bytes:
    with storage.open(key) as reader:
        return reader.read()


def listing(storage: Storage) -> dict[str, int]:
    return {each.key: each.size for each in storage.objects()}


# --- Objects ----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"\x00", bytes(range(256)), b"x" * 5_000_000])
def test_what_is_put_can_be_read(storage: Storage, content: bytes) -> None:
    storage.put(KEY, content)
    assert content_of(storage, KEY) == content


def test_what_is_put_in_parts_is_one_object(storage: Storage) -> None:
    storage.put(KEY, (bytes([n]) * 1000 for n in range(3)))
    assert content_of(storage, KEY) == b"\x00" * 1000 + b"\x01" * 1000 + b"\x02" * 1000


@pytest.mark.parametrize("kept", [True, False])
def test_what_is_in_an_open_file_is_an_object(storage: Storage, *, kept: bool) -> None:
    storage.write_marker("x")  # now there are folders
    content = b"x" * 3_000_000
    spool = open_spool(spool_folder_of(storage) if kept else None)
    spool.append([content])
    with IncomingFile(spool) as file:
        storage.put(KEY, file)
        storage.put(OTHER_KEY, file)
    assert content_of(storage, KEY) == content_of(storage, OTHER_KEY) == content
    assert storage.sweep_temporary(timedelta(0)) == 0


def test_what_fails_while_it_is_put_is_not_there(storage: Storage) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        storage.put(KEY, broken())
    assert listing(storage) == {}
    assert storage.sweep_temporary(timedelta(0)) == 0


def test_a_folder_is_deleted_with_all_that_is_in_it(storage: Storage) -> None:
    keys = [f"variants/{folder}/{uuid.uuid4()}.webp" for folder in ("a", "a", "b")]
    for key in [*keys, KEY]:
        storage.put(key, b"x")
    storage.delete_folder("variants/a")
    assert listing(storage).keys() == {keys[2], KEY}
    storage.delete_folder("variants/a")
    storage.delete_folder("never")
    storage.put(keys[0], b"again")
    assert content_of(storage, keys[0]) == b"again"


@pytest.mark.parametrize("folder", ["", "..", "a/../b", "/a", "a/", "A", "a.b"])
def test_a_folder_that_we_would_never_make_is_refused(storage: Storage, folder: str) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        storage.delete_folder(folder)


def test_a_reader_reads_in_parts_and_from_any_place(storage: Storage) -> None:
    storage.put(KEY, b"0123456789")
    with storage.open(KEY) as reader:
        assert reader.read(3) == b"012"
        assert reader.read(3) == b"345"
        reader.seek(8)
        assert reader.read() == b"89"
        assert reader.read() == b""


def test_what_was_never_put_is_not_found(storage: Storage) -> None:
    with pytest.raises(ObjectNotFound):
        storage.open(KEY)
    storage.put(KEY, b"x")
    with pytest.raises(ObjectNotFound):
        storage.open(f"{uuid.uuid4()}.png")


def test_a_key_holds_what_was_put_last(storage: Storage) -> None:
    storage.put(KEY, b"the first")
    storage.put(KEY, b"then")
    assert content_of(storage, KEY) == b"then"
    assert listing(storage) == {KEY: 4}


def test_changing_the_buffer_afterwards_does_not_change_the_object(storage: Storage) -> None:
    buffer = bytearray(b"before")
    storage.put(KEY, bytes(buffer))
    buffer[:] = b"after!"
    assert content_of(storage, KEY) == b"before"


def test_what_is_deleted_is_not_found(storage: Storage) -> None:
    storage.put(KEY, b"x")
    storage.delete(KEY)
    with pytest.raises(ObjectNotFound):
        storage.open(KEY)
    assert listing(storage) == {}


def test_deleting_again_or_what_never_was_does_nothing(storage: Storage) -> None:
    storage.delete(KEY)
    storage.put(KEY, b"x")
    storage.delete(KEY)
    storage.delete(KEY)
    assert listing(storage) == {}


def test_a_reader_outlives_a_delete(storage: Storage) -> None:
    content = b"0123456789" * 100_000
    storage.put(KEY, content)
    with storage.open(KEY) as reader:
        first = reader.read(10)
        storage.delete(KEY)
        assert first + reader.read() == content


def test_a_reader_outlives_an_overwrite(storage: Storage) -> None:
    storage.put(KEY, b"a" * 1_000_000)
    with storage.open(KEY) as reader:
        storage.put(KEY, b"b" * 1_000_000)
        assert reader.read() == b"a" * 1_000_000


def test_two_readers_do_not_disturb_each_other(storage: Storage) -> None:
    storage.put(KEY, b"0123456789")
    with storage.open(KEY) as one, storage.open(KEY) as other:
        assert one.read(5) == b"01234"
        assert other.read() == b"0123456789"
        assert one.read() == b"56789"


def test_every_object_is_listed_with_its_size_and_time(storage: Storage) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    keys = {f"{uuid.uuid4()}.png": size for size in range(50)}
    for key, size in keys.items():
        storage.put(key, b"x" * size)
    found = list(storage.objects())
    assert {each.key: each.size for each in found} == keys
    assert all(
        before < each.modified_at < datetime.now(UTC) + timedelta(seconds=2) for each in found
    )
    assert all(each.modified_at.utcoffset() == timedelta() for each in found)


def test_an_empty_storage_lists_nothing(storage: Storage) -> None:
    assert list(storage.objects()) == []


def test_objects_may_be_deleted_while_they_are_listed(storage: Storage) -> None:
    for _ in range(50):
        storage.put(f"{uuid.uuid4()}.png", b"x")
    for each in storage.objects():
        storage.delete(each.key)
    assert list(storage.objects()) == []


def test_many_threads_write_and_read_at_once(storage: Storage) -> None:
    contents = {f"{uuid.uuid4()}.png": uuid.uuid4().bytes * 1000 for _ in range(40)}
    threads = [Thread(target=storage.put, args=each) for each in contents.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert {key: content_of(storage, key) for key in contents} == contents


# --- Keys -------------------------------------------------------------------------------------

FOREIGN_KEYS = [
    "",
    ".",
    "..",
    "../x",
    "../../etc/passwd",
    "a/../b",
    "/etc/passwd",
    "//x",
    "a//b",
    "a/",
    "/",
    "./a",
    ".hidden",
    "a/.hidden",
    "a..png",
    "a.",
    "-a",
    "A.png",
    "a.PNG",
    "a b",
    "a\x00",
    "a\x00.png",
    "a\n",
    "a.png\n",
    "a\\b",
    "a:b",
    "a%2e",
    "é.png",
    "١.png",  # noqa: RUF001 - a digit, but not of ours
    "ａ.png",  # noqa: RUF001 - a wide letter is what is tried
    "\ud800",
    "a.tar.gz",
    "a.toolongext",
    "a" * 300,
    "a/a/a/a/a",
]


@pytest.mark.parametrize("key", FOREIGN_KEYS)
def test_a_key_that_we_would_never_make_is_refused(
    storage: Storage, key: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        check_key(key)
    with pytest.raises(ValueError, match="not a storage key"):
        storage.put(key, b"x")
    with pytest.raises(ValueError, match="not a storage key"):
        storage.open(key)
    with pytest.raises(ValueError, match="not a storage key"):
        storage.delete(key)
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    "key",
    ["a", "ab", "a1.png", KEY, str(uuid.uuid4()), "a" * 200, "a" * 196 + ".png"],
    ids=["a", "ab", "a1.png", "uuid with extension", "uuid", "longest", "longest with extension"],
)
def test_a_key_of_ours_is_kept(storage: Storage, key: str) -> None:
    storage.put(key, b"x")
    assert content_of(storage, key) == b"x"
    assert listing(storage) == {key: 1}


@pytest.mark.parametrize("folder", ["variants", "private", "pending"])
def test_a_key_may_lie_in_a_folder_of_ours(storage: Storage, folder: str) -> None:
    storage.put(KEY, b"x")
    storage.put(f"{folder}/{KEY}", b"another")
    assert content_of(storage, f"{folder}/{KEY}") == b"another"
    assert listing(storage) == {KEY: 1, f"{folder}/{KEY}": 7}


# --- The marker -------------------------------------------------------------------------------


def test_a_fresh_storage_has_no_marker(storage: Storage) -> None:
    assert storage.read_marker() is None
    storage.put(KEY, b"x")
    assert storage.read_marker() is None


def test_the_marker_is_what_was_written_last(storage: Storage) -> None:
    for instance_id in (str(uuid.uuid4()), str(uuid.uuid4())):
        storage.write_marker(instance_id)
        assert storage.read_marker() == instance_id


def test_the_marker_is_not_an_object(storage: Storage) -> None:
    storage.write_marker("one")
    assert list(storage.objects()) == []
    storage.put("instance", b"x")
    assert storage.read_marker() == "one"
    storage.delete("instance")
    assert storage.read_marker() == "one"


# --- Interrupted writes -----------------------------------------------------------------------


def test_finished_writes_leave_nothing_to_sweep(storage: Storage) -> None:
    assert storage.sweep_temporary(timedelta(0)) == 0
    storage.put(KEY, b"x")
    storage.write_marker("one")
    assert storage.sweep_temporary(timedelta(seconds=-10)) == 0
    assert content_of(storage, KEY) == b"x"


# --- The opener -------------------------------------------------------------------------------


def test_the_opener_knows_each_backend(tmp_path: Path) -> None:
    assert isinstance(open_storage("memory:"), MemoryStorage)
    local = open_storage(f"file://{tmp_path}/with%20space")
    assert isinstance(local, LocalStorage)
    assert local.root == tmp_path / "with space"
    assert list(tmp_path.iterdir()) == []
