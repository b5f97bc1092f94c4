"""Check bytes and make them a durable object, for a new upload or in place of other bytes."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

from open_event_uploads.errors import (
    CommitOutcomeUnknown,
    StorageUnavailable,
    UnreadableMetadata,
)
from open_event_uploads.fault_points import reach
from open_event_uploads.imaging.decoder.pool import DECODERS
from open_event_uploads.imaging.formats import SVG, FileFormat, format_of_key
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import ImageFacts
from open_event_uploads.imaging.metadata import TRAILER, MetadataUnreadable, strip_metadata
from open_event_uploads.imaging.recognize import recognize
from open_event_uploads.imaging.svg import is_markup, sanitize_svg
from open_event_uploads.storage import Storage
from open_event_uploads.storage.keys import is_private, new_key, variants_folder
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.variants.make import make_variant
from open_event_uploads.variants.variant import variants_of

log = logging.getLogger(__name__)

_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that lies in the storage.

    Args:
        key: where.
        format: what it is.
        size: bytes, as served.
        checksum: of what is served.
        received_checksum: of what was sent.
        picture: what it shows; None for a file that was not decoded.
        removed: the names of what was taken out of it.
    """

    key: str
    format: FileFormat
    size: int
    checksum: str
    received_checksum: str
    picture: ImageFacts | None = None
    removed: tuple[str, ...] = ()

    @property
    def pixels(self) -> int:
        """Return the pixels of all frames together: what decoding it has cost."""
        picture = self.picture
        return picture.width * picture.height * picture.frames if picture else 0

    def columns(self) -> dict[str, object]:
        """Return the columns of `Upload` that describe these bytes."""
        picture = self.picture
        return {
            "key": self.key,
            "status": "ready",
            "visibility": visibility_of(self.key),
            "media_type": self.format.content_type,
            "size": self.size,
            "checksum": self.checksum,
            "received_checksum": self.received_checksum,
            "width": picture.width if picture else None,
            "height": picture.height if picture else None,
            "frames": picture.frames if picture else None,
            "placeholder": picture.placeholder.thumbhash if picture else None,
            "color": picture.placeholder.color if picture else None,
        }


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A file that may be stored.

    Args:
        format: what it is.
        served: the bytes to keep.
        picture: what it shows; None for a file that was not decoded.
        removed: the names of what was taken out of it.
    """

    format: FileFormat
    served: IncomingFile
    picture: ImageFacts | None = None
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MovedFile:
    """A file that lies in the storage under another key.

    Args:
        key: the new one.
        source: the old one.
    """

    key: str
    source: str

    def columns(self) -> dict[str, object]:
        """Return the columns of `Upload` that change with the key."""
        return {"key": self.key, "visibility": visibility_of(self.key)}


def visibility_of(key: str) -> str:
    """Return the visibility of the object under a key: `public` or `private`."""
    return "private" if is_private(key) else "public"


def store_file(
    file: IncomingFile, *, private: bool = False, storage: Storage, processing: Processing
) -> StoredFile:
    """Check what the bytes are and make them durable under a key that was never used before.

    With them, make the variants that `processing` names.

    Args:
        file: whole.
        private: whether not everybody may see it.
        storage: where the bytes go.
        processing: how new files are processed.

    Raises:
        RefusedFile: the policy or the decoder refuses it; nothing is stored.
        StorageFull, StorageUnavailable: nothing is stored.
    """
    accepted = _accept(file, processing)
    served = accepted.served
    key = new_key(accepted.format.extension, private=private)
    storage.put(key, served)
    stored = StoredFile(
        key,
        accepted.format,
        served.size,
        served.checksum,
        file.checksum,
        accepted.picture,
        accepted.removed,
    )
    with discarded_on_failure(key, storage):
        for variant in variants_of(SimpleNamespace(**stored.columns()), processing.presets):
            make_variant(variant, storage=storage)
    return stored


def move_file(key: str, *, private: bool, storage: Storage) -> MovedFile:
    """Give bytes a key that was never used before; under the old one they are still there.

    Raises:
        ObjectNotFound: they are gone.
        StorageFull, StorageUnavailable: nothing has changed.
    """
    moved = MovedFile(new_key(format_of_key(key).extension, private=private), source=key)
    with storage.open(key) as reader:
        storage.put(moved.key, iter(partial(reader.read, _CHUNK_BYTES), b""))
    return moved


def check_file(file: IncomingFile, *, processing: Processing) -> None:
    """Check a file as `store_file` does, and store nothing.

    Raises:
        RefusedFile: the policy or the decoder refuses it.
    """
    _accept(file, processing)


def _accept(file: IncomingFile, processing: Processing) -> _Accepted:
    processing.policy.check_size(file.size)
    return (
        _accepted_file(file, processing)
        or _accepted_svg(file, processing)
        or _accepted_image(file, processing)
    )


def _accepted_file(file: IncomingFile, processing: Processing) -> _Accepted | None:
    """Accept a file that is no image, where such are allowed; it is kept as it is."""
    allowed = processing.policy.file_types
    found = recognize(file) if allowed else None
    return _Accepted(found, file) if found and found.media_type in allowed else None


def _accepted_svg(file: IncomingFile, processing: Processing) -> _Accepted | None:
    """Accept an SVG, where such are allowed; what could run in it is always taken out."""
    if SVG.media_type not in processing.policy.media_types or not is_markup(file.head()):
        return None
    return _Accepted(SVG, IncomingFile(sanitize_svg(file.read())))


def _accepted_image(file: IncomingFile, processing: Processing) -> _Accepted:
    facts = DECODERS.inspect(file, processing.policy)
    served, removed = _stripped(file, facts) if processing.strips else (file, ())
    if TRAILER in removed:
        # Some damaged files can be decoded only because of what stands behind their end.
        facts = DECODERS.inspect(served, processing.policy)
    return _Accepted(facts.format, served, facts, removed)


def _stripped(file: IncomingFile, facts: ImageFacts) -> tuple[IncomingFile, tuple[str, ...]]:
    """Return the file without metadata about people, and the names of what was taken out."""
    try:
        stripped = strip_metadata(file.read(), facts.format)
    except MetadataUnreadable as error:
        raise UnreadableMetadata(f"The image's metadata cannot be removed: {error}") from None
    if not stripped.removed:
        return file, ()
    return IncomingFile(stripped.content), stripped.removed


@contextmanager
def discarded_on_failure(key: str | None, storage: Storage) -> Iterator[None]:
    """Delete a stored object if the row that should name it is not written.

    Where COMMIT was sent and its outcome is unknown, a row may name the object, so it stays:
    the sweeper removes an orphan, but nothing can heal a row without bytes.
    """
    try:
        yield
    except CommitOutcomeUnknown:
        raise
    except BaseException:
        if key is not None:
            discard(key, storage)
        raise


def discard(key: str, storage: Storage) -> None:
    """Remove an object that no row names any more, and its variants.

    What cannot be removed now is an orphan.
    """
    reach("discard.begin")
    try:
        storage.delete_folder(variants_folder(key))
        reach("discard.variants")
        storage.delete(key)
        reach("discard.done")
    except StorageUnavailable:
        log.warning("left for the sweeper: object %s could not be deleted", key)
