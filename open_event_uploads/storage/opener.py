"""From a URL to a storage."""

from pathlib import Path
from urllib.parse import unquote

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
    if url == "memory:":
        return MemoryStorage()
    folder = unquote(url.removeprefix("file://"))
    plain = url.startswith("file:///") and not {"?", "#"} & set(url)
    if not plain or "\0" in folder:
        raise InvalidSettings("UPLOADS_STORAGE_URL: expected file:///an/absolute/folder")
    return LocalStorage(Path(folder))
