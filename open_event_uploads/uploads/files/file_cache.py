"""Cache small files in memory, so that a GET of one that was read lately needs no disk.

The bytes under a key never change. Whether anybody may have them is asked of the database at each
request, before the bytes are looked for here.
"""

import hashlib
import io
from collections import OrderedDict
from threading import Lock
from typing import BinaryIO

from open_event_uploads.storage import Storage
from open_event_uploads.storage.disk_errors import to_storage_error
from open_event_uploads.uploads.model import UploadColumns

# A longer file takes longer to send than to open. Variants are not kept.
_MAX_FILE_BYTES = 64 * 1024

# In each worker: some hundred files.
_MAX_BYTES = 16 * 1024**2


class FileCache:
    """The small files that were read last.

    Args:
        max_bytes: of all of them together.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._left_bytes = max_bytes
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def open(self, upload: UploadColumns, storage: Storage) -> BinaryIO:
        """Open the bytes of an upload for reading, in memory if they are few.

        Damaged bytes are not kept: somebody may replace them by the right ones.

        Args:
            upload: that the request may have.
            storage: asked for what is not here.

        Raises:
            ObjectNotFound, StorageUnavailable: as of `Storage.open`.
        """
        if upload.size > _MAX_FILE_BYTES:
            return storage.open(upload.key)
        with self._lock:
            content = self._files.get(upload.key)
            if content is not None:
                self._files.move_to_end(upload.key)
        if content is None:
            content = _read(upload.key, upload.size, storage)
            if upload.checksum == f"sha256:{hashlib.sha256(content).hexdigest()}":
                self._keep(upload.key, content)
        return io.BytesIO(content)

    def _keep(self, key: str, content: bytes) -> None:
        with self._lock:
            # Another thread may have read it at the same time.
            if key in self._files:
                return
            self._files[key] = content
            self._left_bytes -= len(content)
            while self._left_bytes < 0:
                _, oldest = self._files.popitem(last=False)
                self._left_bytes += len(oldest)


def _read(key: str, size: int, storage: Storage) -> bytes:
    """Return the bytes of an object, at most so many."""
    parts = []
    try:
        with storage.open(key) as reader:
            while size and (part := reader.read(size)):
                parts.append(part)
                size -= len(part)
    except OSError as error:
        raise to_storage_error(error) from error
    return b"".join(parts)


FILE_CACHE = FileCache()
