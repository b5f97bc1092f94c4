"""Define what every storage does; `tests/unit/storage/test_contract.py` tests each backend for it.

An object is written once and never changed, except by a `Grower`, which appends to it. Keys are
fresh for every write, so no backend needs conditional writes, and a reader never sees half an
object.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol, Self, runtime_checkable

# At most three folders, then a name. No empty, hidden or parent segment matches.
_KEY = re.compile(r"(?:[a-z0-9][a-z0-9-]*/){0,3}[a-z0-9][a-z0-9-]*(?:\.[a-z0-9]{1,8})?")
_KEY_MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in a storage: its size in bytes, and the time (UTC) of the write by its clock."""

    key: str
    size: int
    modified_at: datetime


class Storage(Protocol):
    """A place for objects.

    Every method raises `StorageUnavailable` when the place cannot be reached or misbehaves, and
    `ValueError` for a key that this program never makes.
    """

    def put(self, key: str, content: bytes | Iterable[bytes]) -> None:
        """Store an object; on return it is durable and survives a power cut.

        Args:
            key: its name.
            content: the bytes, whole or in parts. A storage may adopt the file of a `FileParts`.

        Raises:
            StorageFull: there is no space; nothing is left behind.
        """

    def open(self, key: str) -> BinaryIO:
        """Open an object for reading, or raise `ObjectNotFound`.

        It stays whole even if it is deleted meanwhile.
        """

    def delete(self, key: str) -> None:
        """Delete an object; do nothing if there is none."""

    def delete_folder(self, folder: str) -> None:
        """Delete every object whose key begins with the folder's name and a slash."""

    def objects(self) -> Iterator[StoredObject]:
        """List every object in no particular order; concurrent changes may be missed."""

    def sweep_temporary(self, older_than: timedelta, *, dry_run: bool = False) -> int:
        """Remove what interrupted writes left behind, and return the number of remains.

        Args:
            older_than: younger remains may belong to a write in progress and stay.
            dry_run: count only, remove nothing.
        """

    def read_marker(self) -> str | None:
        """Return the id of the database that owns this storage; None if it was never claimed."""

    def write_marker(self, instance_id: str) -> None:
        """Claim this storage for a database."""


class FileParts(Protocol):
    """The bytes of a file, in parts; nothing writes to the file any more.

    Attributes:
        sealed: nobody can change the file, although it has a name.
    """

    sealed: bool

    @property
    def descriptor(self) -> int | None:
        """The descriptor of the open file; None if the bytes are in memory."""

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over the parts."""


@runtime_checkable
class FileAdopter(Protocol):
    """A storage that links the nameless or sealed file of a `FileParts` and copies nothing."""

    @property
    def spool_folder(self) -> Path:
        """The folder to open such a file in (O_TMPFILE, open(2)); files elsewhere are copied."""


class GrowingObject(Protocol):
    """An object that grows at its end; a context manager that closes it.

    Methods raise `StorageFull` or `StorageUnavailable`, and `ObjectNotFound` if the object is
    shorter than the caller knows it to be, or gone. It can be grown again after each of them,
    from the end of what was flushed.
    """

    def write(self, at: int, parts: Sequence[bytes]) -> None:
        """Write the parts behind the first bytes of the object; it ends with them.

        `may_write` is called first, while no other process can write to the object; if it raises,
        nothing is written.

        Args:
            at: number of the bytes before: what was flushed, or written by this very object.
            parts: the bytes.
        """

    def truncate(self, size: int) -> None:
        """Cut off what an interrupted request left behind `size` bytes, as `write` would."""

    def flush(self) -> None:
        """Make everything that was written, and the name, survive a power cut.

        After an error this very object is closed, because the bytes since the last flush may be
        lost.
        """

    def close(self) -> None:
        """Close it; what was not flushed may be lost."""

    def __enter__(self) -> Self:
        """Return the object itself."""

    def __exit__(self, *_: object) -> None:
        """Close it."""


@runtime_checkable
class Grower(Protocol):
    """A storage whose objects can grow until they are put under another key."""

    def grow(self, key: str, may_write: Callable[[], None], *, begins: bool) -> GrowingObject:
        """Open an object in order to append to it.

        Args:
            key: its name.
            may_write: raises if the caller has lost the right to write; called before each write.
            begins: make a new, empty object. Otherwise it is there.

        Raises:
            ObjectNotFound: it is not there, or not any more as one that may grow: it was adopted
                by a `put`. Begin another object.
            StorageFull: there is no space.
        """


@runtime_checkable
class Preparable(Protocol):
    """A storage whose first writes in a process would take longer than later ones."""

    def prepare(self) -> None:
        """Do the extra work of first writes now; if this fails, the first writes do it."""


@runtime_checkable
class FileBacked(Protocol):
    """A storage whose objects are files below one folder."""

    def relative_path(self, key: str) -> str:
        """Return the object's path below the folder, with `/`."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request that works without credentials for a limited time, exactly as it is.

    Its headers are sent unchanged, beside `Content-Length`.
    """

    method: str
    url: str
    headers: Mapping[str, str]


@runtime_checkable
class Presigner(Protocol):
    """A storage whose own server answers browsers, for requests that this program signs."""

    def presigned_get(self, key: str, life: timedelta, headers: Mapping[str, str]) -> str:
        """Sign a URL of an object; whether the object exists is not checked.

        Args:
            key: its name.
            life: validity of the URL; a week at most.
            headers: of the answer: `Content-Type`, `Cache-Control`, `Content-Disposition`.
        """

    def presigned_put(self, key: str, size: int, media_type: str, life: timedelta) -> SignedRequest:
        """Sign a request that writes an object of exactly this size and type.

        Args:
            key: its name.
            size: bytes.
            media_type: the Content-Type to send.
            life: time in which the request must begin; a week at most.
        """


def iter_parts(content: bytes | Iterable[bytes]) -> Iterable[bytes]:
    """Return the content given to `put` as parts."""
    return (content,) if isinstance(content, bytes) else content


def check_folder(folder: str) -> str:
    """Return the folder's name if keys of ours may begin with it; else raise ValueError."""
    check_key(f"{folder}/x")
    return folder


def check_key(key: str) -> str:
    """Return the key if it has the form of ours; else raise ValueError: no backend may use it."""
    if len(key) > _KEY_MAX_CHARACTERS or not _KEY.fullmatch(key):
        raise ValueError("not a storage key")
    return key
