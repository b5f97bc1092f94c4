"""Bytes become a durable object: what creating and replacing have in common."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace

from open_event_uploads.errors import CommitOutcomeUnknown, StorageUnavailable, UnreadableMetadata
from open_event_uploads.media.incoming import IncomingFile
from open_event_uploads.media.inspect import ImageFacts, inspect_image
from open_event_uploads.media.privacy import TRAILER, MetadataUnreadable, strip_metadata
from open_event_uploads.media.treatment import Treatment
from open_event_uploads.media.variant import variants_folder, variants_of
from open_event_uploads.services.make_variant import make_variant
from open_event_uploads.storage import Storage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image that lies in the storage.

    Args:
        key: where.
        facts: what it is.
        received_checksum: of what was sent.
        removed: the names of what was taken out of it.
    """

    key: str
    facts: ImageFacts
    received_checksum: str
    removed: tuple[str, ...] = ()

    @property
    def pixels(self) -> int:
        """Of all its frames together."""
        return self.facts.width * self.facts.height * self.facts.frames

    def columns(self) -> dict[str, object]:
        """The columns of `Upload` that describe these bytes."""
        return {
            "key": self.key,
            "media_type": self.facts.format.media_type,
            "size": self.facts.size,
            "checksum": self.facts.checksum,
            "received_checksum": self.received_checksum,
            "width": self.facts.width,
            "height": self.facts.height,
            "frames": self.facts.frames,
            "placeholder": self.facts.placeholder.thumbhash,
            "color": self.facts.placeholder.color,
        }


def store_image(file: IncomingFile, *, storage: Storage, treatment: Treatment) -> StoredImage:
    """Check what the bytes are and make them durable under a key that was never used before.

    With them, whatever variants are to be made at once.

    Raises:
        RefusedFile: the policy or the decoder says no; nothing is stored.
        StorageFull, StorageUnavailable: nothing is stored.
    """
    facts = inspect_image(file, treatment.policy)
    served, removed = _stripped(file, facts) if treatment.strips else (file, ())
    if TRAILER in removed:
        # Some damaged files can be decoded only because of what stands behind their end.
        facts = inspect_image(served, treatment.policy)
    facts = replace(facts, size=served.size, checksum=served.checksum)
    key = f"{uuid.uuid4()}.{facts.format.extension}"
    storage.put(key, served.chunks())
    stored = StoredImage(key, facts, file.checksum, removed)
    with discarded_on_failure(key, storage):
        for variant in variants_of(SimpleNamespace(**stored.columns()), treatment.presets):
            make_variant(variant, storage=storage)
    return stored


def _stripped(file: IncomingFile, facts: ImageFacts) -> tuple[IncomingFile, tuple[str, ...]]:
    """The file without what tells about people, and the names of what is missing."""
    try:
        stripped = strip_metadata(file.read(), facts.format)
    except MetadataUnreadable as error:
        raise UnreadableMetadata(f"The image's metadata cannot be removed: {error}") from None
    if not stripped.removed:
        return file, ()
    return IncomingFile(stripped.content), stripped.removed


@contextmanager
def discarded_on_failure(key: str | None, storage: Storage) -> Iterator[None]:
    """Take a stored object back when the row that should name it does not come to be.

    Where COMMIT was sent and its outcome is unknown, a row may name the object, so it is left:
    an orphan is the sweeper's business, a row without bytes is nobody's.
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
    try:
        storage.delete_folder(variants_folder(key))
        storage.delete(key)
    except StorageUnavailable:
        log.warning("left for the sweeper: object %s could not be deleted", key)
