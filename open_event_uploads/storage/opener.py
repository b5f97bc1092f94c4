"""From a URL to a storage."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from open_event_uploads.errors import InvalidSettings
from open_event_uploads.storage.contract import Storage
from open_event_uploads.storage.local import LocalStorage
from open_event_uploads.storage.memory import MemoryStorage


def open_storage(url: str) -> Storage:
    """The storage at an address; nothing is read or written yet.

    Args:
        url: `file:///absolute/folder`, or `memory:`.

    Raises:
        InvalidSettings: no backend has this scheme, or the address is not one of its.
    """
    parts = urlsplit(url)
    if parts.scheme == "memory":
        return MemoryStorage()
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return LocalStorage(Path(unquote(parts.path)))
    raise InvalidSettings("UPLOADS_STORAGE_URL: expected file:///an/absolute/folder")
