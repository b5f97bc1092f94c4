"""Store objects in this process's memory, for tests and trials."""

import io
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.storage.contract import StoredObject, check_folder, check_key, iter_parts


class MemoryStorage:
    """Objects in a dictionary."""

    def __init__(self) -> None:
        self._contents: dict[str, tuple[bytes, datetime]] = {}
        self._marker: str | None = None
        self._lock = threading.Lock()

    def put(self, key: str, content: bytes | Iterable[bytes]) -> None:
        """`Storage.put`; lasts as long as the process."""
        whole = b"".join(iter_parts(content))
        with self._lock:
            self._contents[check_key(key)] = (whole, datetime.now(UTC))

    def open(self, key: str) -> BinaryIO:
        """`Storage.open`."""
        found = self._contents.get(check_key(key))
        if found is None:
            raise ObjectNotFound(key)
        return io.BytesIO(found[0])

    def delete(self, key: str) -> None:
        """`Storage.delete`."""
        with self._lock:
            self._contents.pop(check_key(key), None)

    def delete_folder(self, folder: str) -> None:
        """`Storage.delete_folder`."""
        prefix = f"{check_folder(folder)}/"
        with self._lock:
            for key in [each for each in self._contents if each.startswith(prefix)]:
                del self._contents[key]

    def objects(self) -> Iterator[StoredObject]:
        """`Storage.objects`."""
        with self._lock:
            items = list(self._contents.items())
        for key, (content, modified_at) in items:
            yield StoredObject(key, len(content), modified_at)

    def sweep_temporary(self, older_than: timedelta, *, dry_run: bool = False) -> int:  # noqa: ARG002 - nothing is ever half-written here
        """`Storage.sweep_temporary`."""
        return 0

    def read_marker(self) -> str | None:
        """`Storage.read_marker`."""
        return self._marker

    def write_marker(self, instance_id: str) -> None:
        """`Storage.write_marker`."""
        self._marker = instance_id
