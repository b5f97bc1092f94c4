"""The contract every storage keeps; `tests/unit/storage/test_contract.py` holds each one to it.

An object is written once and never changed: keys are fresh for every write, so no backend needs
conditional writes, and a reader never sees half of one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

# What we make ourselves: folders of ours, then a name. No empty, hidden or parent segment fits.
_KEY = re.compile(r"(?:[a-z0-9][a-z0-9-]*/){0,3}[a-z0-9][a-z0-9-]*(?:\.[a-z0-9]{1,8})?")
_KEY_MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a storage knows of an object.

    Args:
        key: its name.
        size: bytes.
        modified_at: when it was written, UTC, by the storage's clock.
    """

    key: str
    size: int
    modified_at: datetime


class Storage(Protocol):
    """A place for objects.

    Every method raises `StorageUnavailable` when the place cannot be reached or misbehaves, and
    `ValueError` for a key that we would never have made.
    """

    def put(self, key: str, content: bytes | Iterable[bytes]) -> None:
        """Keep an object; on return it is durable: a power cut cannot take it back.

        Args:
            key: its name.
            content: the bytes, whole or a part at a time. Of an `FileParts` it may keep the file.

        Raises:
            StorageFull: there is no room; nothing is left behind.
        """

    def open(self, key: str) -> BinaryIO:
        """A reader of an object's bytes; it stays whole even if the object is deleted meanwhile.

        Raises:
            ObjectNotFound: there is none.
        """

    def delete(self, key: str) -> None:
        """Remove an object, if there is one."""

    def delete_folder(self, folder: str) -> None:
        """Remove every object whose key begins with a folder's name and a slash."""

    def objects(self) -> Iterator[StoredObject]:
        """Every object, in no particular order; what comes or goes meanwhile may be missed."""

    def sweep_temporary(self, older_than: timedelta, *, dry_run: bool = False) -> int:
        """Remove what interrupted writes left behind.

        Args:
            older_than: what is younger may belong to a write under way.
            dry_run: count, and remove nothing.

        Returns:
            How many there were.
        """

    def read_marker(self) -> str | None:
        """The id of the database this storage belongs to, or None if it has never been claimed."""

    def write_marker(self, instance_id: str) -> None:
        """Claim this storage for a database."""


@runtime_checkable
class FileParts(Protocol):
    """The bytes of an open file, a part at a time; nobody writes to it any more."""

    def fileno(self) -> int:
        """Its descriptor."""

    def __iter__(self) -> Iterator[bytes]:
        """The parts."""


@runtime_checkable
class FileAdopter(Protocol):
    """What a storage can do that gives an `FileParts` without a name one, and copies nothing."""

    @property
    def spool_folder(self) -> Path:
        """Where such a file is to be opened (O_TMPFILE, open(2)); any other is copied."""


@runtime_checkable
class Preparable(Protocol):
    """What a storage can do whose first writes in a process would take longer than the others."""

    def prepare(self) -> None:
        """Do at once what they would do; where it cannot be done, they do it."""


@runtime_checkable
class FileBacked(Protocol):
    """What a storage can do whose objects are files below one folder."""

    def relative_path(self, key: str) -> str:
        """Where an object lies below the folder, with `/`."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request that somebody may send without credentials, for a while and just so.

    Args:
        method: of HTTP.
        url: signed.
        headers: that must be sent as they are, beside `Content-Length`.
    """

    method: str
    url: str
    headers: Mapping[str, str]


@runtime_checkable
class Presigner(Protocol):
    """What a storage can do whose server speaks to browsers itself."""

    def presigned_get(self, key: str, life: timedelta, headers: Mapping[str, str]) -> str:
        """An address of an object; whether there is one is not asked.

        Args:
            key: its name.
            life: how long the address works; a week at most.
            headers: what the answer says: of `Content-Type`, `Cache-Control` and
                `Content-Disposition`.
        """

    def presigned_put(self, key: str, size: int, media_type: str, life: timedelta) -> SignedRequest:
        """Leave to write an object of exactly this size and type.

        Args:
            key: its name.
            size: bytes.
            media_type: that must be sent.
            life: how long it may begin; a week at most.
        """


def iter_parts(content: bytes | Iterable[bytes]) -> Iterable[bytes]:
    """What `put` is given, a part at a time."""
    return (content,) if isinstance(content, bytes) else content


def check_folder(folder: str) -> str:
    """The name of a folder itself, when keys of ours may begin with it.

    Raises:
        ValueError: none may.
    """
    check_key(f"{folder}/x")
    return folder


def check_key(key: str) -> str:
    """The key itself, when it is one of ours.

    Raises:
        ValueError: it is not; no backend may use it for anything.
    """
    if len(key) > _KEY_MAX_CHARACTERS or not _KEY.fullmatch(key):
        raise ValueError("not a storage key")
    return key
