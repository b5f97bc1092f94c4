"""Check at the start that the storage can be used."""

import uuid

from open_event_uploads.errors import ObjectNotFound, UnusableStorage, UploadsError
from open_event_uploads.storage import Storage
from open_event_uploads.storage.capabilities import members_of

_SETTINGS = ("UPLOADS_STORAGE_URL", "UPLOADS_STORAGE_PREVIOUS_URL")
_CONTENT = b"Is this a storage?"


def check_storage(storage: Storage) -> None:
    """Write an object, read it and delete it.

    Raises:
        UnusableStorage: one of these fails; the text names the setting and the reason.
    """
    for place, setting in zip(members_of(storage), _SETTINGS, strict=False):
        try:
            found = _round_trip(place)
        except (UploadsError, ObjectNotFound) as error:
            reason = error.__cause__ or error
            raise UnusableStorage(f"{setting}: the storage cannot be used: {reason}") from error
        if found != _CONTENT:
            raise UnusableStorage(f"{setting}: the storage returns other bytes than were written")


def _round_trip(storage: Storage) -> bytes:
    # If a crash leaves it behind, the sweeper removes it as an orphan.
    key = f"check-{uuid.uuid4()}"
    storage.put(key, _CONTENT)
    with storage.open(key) as reader:
        found = reader.read()
    storage.delete(key)
    return found
