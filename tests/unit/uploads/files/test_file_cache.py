"""Small files stay in memory, as many as there is space for."""

import hashlib
import io
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest

from open_event_uploads.errors import ObjectNotFound, StorageUnavailable
from open_event_uploads.storage.memory import MemoryStorage
from open_event_uploads.uploads.files.file_cache import FileCache


class CountingStorage(MemoryStorage):
    """Records what is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    def open(self, key: str) -> BinaryIO:
        """Open an object."""
        self.opened.append(key)
        return super().open(key)


@pytest.fixture
def storage() -> CountingStorage:
    storage = CountingStorage()
    for name in "abc":
        storage.put(name, name.encode() * 40)
    storage.put("long", b"l" * 70_000)
    return storage


def row(key: str, content: bytes) -> Any:  # noqa: ANN401 - stands for an upload
    checksum = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return SimpleNamespace(key=key, size=len(content), checksum=checksum)


def test_a_small_file_is_read_once(storage: CountingStorage) -> None:
    cache = FileCache()
    for _ in range(3):
        with cache.open(row("a", b"a" * 40), storage) as reader:
            assert reader.read() == b"a" * 40
    assert storage.opened == ["a"]


def test_a_long_file_is_not_kept(storage: CountingStorage) -> None:
    cache = FileCache()
    for _ in range(2):
        assert cache.open(row("long", b"l" * 70_000), storage).read() == b"l" * 70_000
    assert storage.opened == ["long", "long"]


def test_what_was_not_read_for_longest_makes_space(storage: CountingStorage) -> None:
    cache = FileCache(max_bytes=100)
    for key in "abacab":
        content = key.encode() * 40
        assert cache.open(row(key, content), storage).read() == content
    # `c` took the place of `b`, and `b` that of `c`.
    assert storage.opened == ["a", "b", "c", "b"]


@pytest.mark.parametrize("right", [b"a" * 39 + b"b", b"a" * 50, b"a" * 30, b""])
def test_damaged_bytes_are_not_kept(storage: CountingStorage, right: bytes) -> None:
    cache, damaged = FileCache(), row("a", right)
    assert cache.open(damaged, storage).read() == (b"a" * 40)[: len(right)]
    storage.put("a", right)
    for _ in range(2):
        assert cache.open(damaged, storage).read() == right


def test_what_is_missing_is_missing_until_it_is_there(storage: CountingStorage) -> None:
    cache = FileCache()
    with pytest.raises(ObjectNotFound):
        cache.open(row("d", b"d"), storage)
    storage.put("d", b"d")
    assert cache.open(row("d", b"d"), storage).read() == b"d"


def test_a_disk_that_fails_while_it_reads_is_unavailable() -> None:
    class Broken(io.BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    class BrokenStorage(MemoryStorage):
        def open(self, _: str) -> BinaryIO:
            return Broken()

    with pytest.raises(StorageUnavailable):
        FileCache().open(row("a", b"a"), BrokenStorage())
