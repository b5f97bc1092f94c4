"""Open the storage that a URL names."""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

from open_event_uploads.errors import InvalidSettings
from open_event_uploads.storage.contract import Storage
from open_event_uploads.storage.local import LocalStorage
from open_event_uploads.storage.memory import MemoryStorage
from open_event_uploads.storage.moving import MovingStorage
from open_event_uploads.storage.s3_location import parse_location
from open_event_uploads.storage.timed import timed

HeadersOf = Callable[[str], Mapping[str, str]]


def open_storage(url: str, previous_url: str = "", headers_of: HeadersOf = lambda _: {}) -> Storage:
    """Open the storage that the settings name; nothing is read or written yet.

    Args:
        url: `file:///absolute/folder`, `s3://bucket/prefix?endpoint=…&region=…`, or `memory:`.
        previous_url: of the storage that is being moved from; empty for none.
        headers_of: returns the response headers of the object under a key, for storages that
            answer browsers themselves.

    Raises:
        InvalidSettings: a URL is none of these, or both are the same.
    """
    current = _open(url, "UPLOADS_STORAGE_URL", headers_of)
    if not previous_url:
        return current
    if previous_url.rstrip("/") == url.rstrip("/"):
        raise InvalidSettings("UPLOADS_STORAGE_PREVIOUS_URL: the same as UPLOADS_STORAGE_URL")
    previous = _open(previous_url, "UPLOADS_STORAGE_PREVIOUS_URL", headers_of)
    return MovingStorage(current, previous)


def _open(url: str, setting: str, headers_of: HeadersOf) -> Storage:
    if url == "memory:":
        return MemoryStorage()
    if url.startswith("s3:"):
        return _open_s3(url, setting, headers_of)
    folder = unquote(url.removeprefix("file://"))
    plain = url.startswith("file:///") and not {"?", "#"} & set(url)
    if not plain or "\0" in folder:
        raise InvalidSettings(
            f"{setting}: expected file:///an/absolute/folder or s3://bucket/prefix"
        )
    return timed(LocalStorage)(Path(folder))


def _open_s3(url: str, setting: str, headers_of: HeadersOf) -> Storage:
    try:
        location = parse_location(url)
    except ValueError as error:
        raise InvalidSettings(f"{setting}: {error}") from None
    if find_spec("boto3") is None:
        raise InvalidSettings(
            f"{setting}: s3: needs the extra: pip install 'open-event-uploads[s3]'"
        )
    # boto3 is an extra: only this backend may import it.
    s3 = import_module("open_event_uploads.storage.s3")
    storage: Storage = timed(s3.S3Storage)(location, headers_of)
    return storage
