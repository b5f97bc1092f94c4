"""Inspect, damage and delete stored bytes, with as little of our own code as possible."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from open_event_uploads.storage import Storage
from open_event_uploads.storage.s3 import S3Storage
from open_event_uploads.storage.s3_location import parse_location


class StoredFile(Protocol):
    """The part of `Path` that tests use, of files and of objects in a bucket."""

    @property
    def name(self) -> str:
        """Return the last part of its key."""

    def read_bytes(self) -> bytes:
        """Return its content."""

    def write_bytes(self, content: bytes, /) -> object:
        """Replace its content."""

    def unlink(self) -> None:
        """Delete it."""


StoredFiles = Callable[[], Sequence[StoredFile]]


@dataclass(frozen=True, order=True, slots=True)
class _Object:
    key: str
    storage: Storage = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]

    def read_bytes(self) -> bytes:
        with self.storage.open(self.key) as reader:
            return reader.read()

    def write_bytes(self, content: bytes) -> None:
        self.storage.put(self.key, content)

    def unlink(self) -> None:
        self.storage.delete(self.key)


def files_in_bucket(url: str) -> StoredFiles:
    """Return a function that lists objects in the order of their keys."""
    storage = S3Storage(parse_location(url))
    return lambda: sorted(_Object(each.key, storage) for each in storage.objects())


def files_in_folder(folder: Path) -> StoredFiles:
    """Return a function that lists the files of a local storage, half-written ones too."""
    return partial(_paths, folder)


def _paths(folder: Path) -> list[Path]:
    found = [*folder.glob("objects/**/*"), *folder.glob("temporary/*")]
    return sorted(each for each in found if each.is_file())
