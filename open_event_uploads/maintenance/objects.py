"""List and read objects of a storage, for commands that check or copy all of them."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import BinaryIO

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.storage import Storage, StoredObject

_BATCH = 500
_CHUNK_BYTES = 1024 * 1024


def walk_objects(storage: Storage) -> Iterator[list[StoredObject]]:
    """Yield all objects in batches."""
    listing = storage.objects()
    while batch := list(islice(listing, _BATCH)):
        yield batch


def read_chunks(reader: BinaryIO, update: Callable[[bytes], object]) -> Iterable[bytes]:
    """Yield the content in chunks, each of which is passed to a digest before."""
    while chunk := reader.read(_CHUNK_BYTES):
        update(chunk)
        yield chunk


def size_of(storage: Storage, key: str) -> int | None:
    """Return the size of an object in bytes, or None if it does not exist."""
    try:
        with storage.open(key) as reader:
            return reader.seek(0, os.SEEK_END)
    except ObjectNotFound:
        return None


def checksum_of(storage: Storage, key: str) -> str | None:
    """Return the checksum of an object (`sha256:` and hex), or None if it does not exist."""
    digest = hashlib.sha256()
    try:
        with storage.open(key) as reader:
            for _ in read_chunks(reader, digest.update):
                pass
    except ObjectNotFound:
        return None
    return f"sha256:{digest.hexdigest()}"
