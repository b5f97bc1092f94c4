"""From a URL to a storage."""

from pathlib import Path
from urllib.parse import unquote

from open_event_uploads.errors import InvalidSettings
from open_event_uploads.storage.contract import Storage
from open_event_uploads.storage.local import LocalStorage
from open_event_uploads.storage.memory import MemoryStorage
from open_event_uploads.storage.moving import MovingStorage


def open_storage(url: str, previous_url: str = "") -> Storage:
    """The storage that the settings name; nothing is read or written yet.

    Args:
        url: `file:///absolute/folder`, or `memory:`.
        previous_url: the same, of the storage that it takes the place of; empty for none.

    Raises:
        InvalidSettings: no backend has this scheme, or the address is not one of its; or both
            are the same.
    """
    current = _open(url, "UPLOADS_STORAGE_URL")
    if not previous_url:
        return current
    if previous_url.rstrip("/") == url.rstrip("/"):
        raise InvalidSettings("UPLOADS_STORAGE_PREVIOUS_URL: the same as UPLOADS_STORAGE_URL")
    return MovingStorage(current, _open(previous_url, "UPLOADS_STORAGE_PREVIOUS_URL"))


def _open(url: str, setting: str) -> Storage:
    if url == "memory:":
        return MemoryStorage()
    folder = unquote(url.removeprefix("file://"))
    plain = url.startswith("file:///") and not {"?", "#"} & set(url)
    if not plain or "\0" in folder:
        raise InvalidSettings(f"{setting}: expected file:///an/absolute/folder")
    return LocalStorage(Path(folder))
