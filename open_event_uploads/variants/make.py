"""Make the bytes of variants."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, BinaryIO

from open_event_uploads.errors import ObjectNotFound, VariantsBusy
from open_event_uploads.imaging.decoder.pool import DECODERS
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.metrics import VARIANTS
from open_event_uploads.storage import Storage
from open_event_uploads.storage.keys import extension_of_variant
from open_event_uploads.storage.process_locks import lock_key
from open_event_uploads.variants.variant import Variant

# How many variants a process makes at once, most of them waiting for a decoder: threads stay free
# for other requests. A variant counts once however many requests wait for it.
MAX_IN_PROGRESS = 16

_CHUNK_BYTES = 256 * 1024


@dataclass(slots=True)
class _InProgress:
    """A lock held by the thread that makes a variant, and how many threads want the variant."""

    lock: Lock = field(default_factory=Lock)
    threads: int = 0


_in_progress: dict[str, _InProgress] = {}
_mutex = Lock()


def make_variant(variant: Variant, *, storage: Storage) -> None:
    """Make a variant's bytes and store them, once for all that request it at the same time.

    Processes of different machines may each make it; the bytes are the same.

    Raises:
        ObjectNotFound: the original's bytes are gone.
        CorruptImage: they are damaged, or need more than `imaging/decoder/limits.py` allows.
        DecoderUnavailable: no decoder could be started.
        VariantsBusy: `MAX_IN_PROGRESS` others are being made.
        StorageFull, StorageUnavailable: nothing is stored.
    """
    with _thread_lock(variant.key), lock_key(storage, variant.key):
        if exists(variant.key, storage):
            return
        storage.put(variant.key, render_upload(variant.upload, variant.preset, storage=storage))
        VARIANTS.labels(extension_of_variant(variant.key)).inc()


def render_upload(upload: Any, preset: Preset, *, storage: Storage) -> bytes:  # noqa: ANN401 - as `Variant.upload`
    """Return the bytes of one size of an upload's image; it raises what `make_variant` does."""
    with storage.open(upload.key) as reader:
        return DECODERS.render(file_of(reader), preset, upload)


def file_of(reader: BinaryIO) -> IncomingFile:
    """Return an open object as a file for a decoder; a local file is not copied."""
    if isinstance(reader, io.FileIO):
        return IncomingFile(reader)
    return IncomingFile.receive(iter(partial(reader.read, _CHUNK_BYTES), b""))


def exists(key: str, storage: Storage) -> bool:
    """Tell whether the storage holds an object."""
    try:
        storage.open(key).close()
    except ObjectNotFound:
        return False
    return True


@contextmanager
def _thread_lock(key: str) -> Iterator[None]:
    """Hold the lock of one variant among the threads of this process."""
    with _mutex:
        if key not in _in_progress and len(_in_progress) >= MAX_IN_PROGRESS:
            raise VariantsBusy(
                f"{MAX_IN_PROGRESS} variants are being made, which is the limit; try again later.",
                headers={"Retry-After": "2"},
            )
        entry = _in_progress.setdefault(key, _InProgress())
        entry.threads += 1
    try:
        with entry.lock:
            yield
    finally:
        with _mutex:
            entry.threads -= 1
            if not entry.threads:
                del _in_progress[key]
