"""A variant is made."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from zlib import crc32

from open_event_uploads.errors import ObjectNotFound, VariantsBusy
from open_event_uploads.media.render import render
from open_event_uploads.media.variant import Variant
from open_event_uploads.storage import Storage

# Requests for one variant wait for the first of them instead of each making it.
_LOCKS = tuple(Lock() for _ in range(64))

# How many requests of a process may wait for variants: half of its threads stay free for others.
MAX_WAITING = 32
_PLACES = BoundedSemaphore(MAX_WAITING)


def make_variant(variant: Variant, *, storage: Storage) -> None:
    """Make a variant's bytes and keep them, once however many ask together in this process.

    Two processes may each make it; the bytes are the same, so either may stay.

    Raises:
        ObjectNotFound: the original's bytes are gone.
        CorruptImage: they are damaged.
        VariantsBusy: too many are waiting already.
        StorageFull, StorageUnavailable: nothing is stored.
    """
    with _place(), _LOCKS[crc32(variant.key.encode()) % len(_LOCKS)]:
        if exists(variant.key, storage):
            return
        with storage.open(variant.upload.key) as reader:
            content = reader.read()
        storage.put(variant.key, render(content, variant.preset, variant.source))


def exists(key: str, storage: Storage) -> bool:
    """Whether the storage holds an object."""
    try:
        storage.open(key).close()
    except ObjectNotFound:
        return False
    return True


@contextmanager
def _place() -> Iterator[None]:
    if not _PLACES.acquire(blocking=False):
        raise VariantsBusy("Too many images are being made.", headers={"Retry-After": "2"})
    try:
        yield
    finally:
        _PLACES.release()
