"""A variant is made."""

from threading import Lock
from zlib import crc32

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.media.resize import resize
from open_event_uploads.media.variant import Variant
from open_event_uploads.storage import Storage

# Requests for one variant wait for the first of them instead of each making it.
_LOCKS = tuple(Lock() for _ in range(64))


def make_variant(variant: Variant, *, storage: Storage) -> None:
    """Make a variant's bytes and keep them, once however many ask together in this process.

    Two processes may each make it; the bytes are the same, so either may stay.

    Raises:
        ObjectNotFound: the original's bytes are gone.
        CorruptImage: they are damaged.
        StorageFull, StorageUnavailable: nothing is stored.
    """
    with _LOCKS[crc32(variant.key.encode()) % len(_LOCKS)]:
        if _exists(variant.key, storage):
            return
        with storage.open(variant.upload.key) as reader:
            content = reader.read()
        storage.put(variant.key, resize(content, variant.preset, (variant.width, variant.height)))


def _exists(key: str, storage: Storage) -> bool:
    try:
        storage.open(key).close()
    except ObjectNotFound:
        return False
    return True
