"""Bytes become a durable object: what creating and replacing have in common."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from open_event_uploads.errors import CommitOutcomeUnknown, StorageUnavailable
from open_event_uploads.media.incoming import IncomingFile
from open_event_uploads.media.inspect import ImageFacts, inspect_image
from open_event_uploads.media.policy import Policy
from open_event_uploads.media.variant import variant_keys
from open_event_uploads.storage import Storage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image that lies in the storage.

    Args:
        key: where.
        facts: what it is.
    """

    key: str
    facts: ImageFacts

    def columns(self) -> dict[str, object]:
        """The columns of `Upload` that describe these bytes."""
        return {
            "key": self.key,
            "media_type": self.facts.format.media_type,
            "size": self.facts.size,
            "checksum": self.facts.checksum,
            "width": self.facts.width,
            "height": self.facts.height,
            "frames": self.facts.frames,
        }


def store_image(file: IncomingFile, *, storage: Storage, policy: Policy) -> StoredImage:
    """Check what the bytes are and make them durable under a key that was never used before.

    Raises:
        RefusedFile: the policy or the decoder says no; nothing is stored.
        StorageFull, StorageUnavailable: nothing is stored.
    """
    facts = inspect_image(file, policy)
    key = f"{uuid.uuid4()}.{facts.format.extension}"
    storage.put(key, file.chunks())
    return StoredImage(key, facts)


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
    for each in [*variant_keys(key), key]:
        try:
            storage.delete(each)
        except StorageUnavailable:
            log.warning("left for the sweeper: object %s could not be deleted", each)
