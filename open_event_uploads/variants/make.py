"""A variant is made."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import BinaryIO

from open_event_uploads.errors import ObjectNotFound, VariantsBusy
from open_event_uploads.imaging.decoder.pool import DECODERS
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.metrics import VARIANTS
from open_event_uploads.storage import Storage
from open_event_uploads.storage.keys import extension_of_variant
from open_event_uploads.storage.process_locks import lock_key
from open_event_uploads.variants.variant import Variant

# How many variants of a process may be under way at once, most of them waiting for a decoder:
# threads stay free for other requests. However many want the same one, it counts once.
MAX_UNDER_WAY = 16

_CHUNK_BYTES = 256 * 1024


@dataclass(slots=True)
class _UnderWay:
    """One variant that is being made.

    Args:
        lock: is held by the thread that makes it.
        wanted: how many threads make it or wait for it.
    """

    lock: Lock = field(default_factory=Lock)
    wanted: int = 0


_under_way: dict[str, _UnderWay] = {}
_table = Lock()


def make_variant(variant: Variant, *, storage: Storage) -> None:
    """Make a variant's bytes and keep them, once however many ask together.

    Processes that share no machine may each make it; the bytes are the same, so either may stay.

    Raises:
        ObjectNotFound: the original's bytes are gone.
        CorruptImage: they are damaged, or take more than `imaging/decoder/limits.py` allows.
        DecoderUnavailable: no process could be started to decode them.
        VariantsBusy: too many others are under way already.
        StorageFull, StorageUnavailable: nothing is stored.
    """
    with _turn(variant.key), lock_key(storage, variant.key):
        if exists(variant.key, storage):
            return
        with storage.open(variant.upload.key) as reader:
            made = DECODERS.render(file_of(reader), variant.preset, variant.upload)
        storage.put(variant.key, made)
        VARIANTS.labels(extension_of_variant(variant.key)).inc()


def file_of(reader: BinaryIO) -> IncomingFile:
    """What a storage has opened, for a decoder: a file of this machine's need not be copied."""
    if isinstance(reader, io.FileIO):
        return IncomingFile(reader)
    return IncomingFile.receive(iter(partial(reader.read, _CHUNK_BYTES), b""))


def exists(key: str, storage: Storage) -> bool:
    """Whether the storage holds an object."""
    try:
        storage.open(key).close()
    except ObjectNotFound:
        return False
    return True


@contextmanager
def _turn(key: str) -> Iterator[None]:
    """Wait until nobody else makes this variant."""
    with _table:
        if key not in _under_way and len(_under_way) >= MAX_UNDER_WAY:
            raise VariantsBusy("Too many images are being made.", headers={"Retry-After": "2"})
        mine = _under_way.setdefault(key, _UnderWay())
        mine.wanted += 1
    try:
        with mine.lock:
            yield
    finally:
        with _table:
            mine.wanted -= 1
            if not mine.wanted:
                del _under_way[key]
