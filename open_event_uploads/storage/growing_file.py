"""Write to the end of a file that has its name already, one writer at a time.

What is behind the last flush does not count: a reader of the file knows its size from elsewhere.
"""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from fcntl import LOCK_UN, flock
from pathlib import Path
from typing import Self

from open_event_uploads.errors import StorageUnavailable
from open_event_uploads.fault_points import reach
from open_event_uploads.positioned_write import write_parts
from open_event_uploads.storage.disk_errors import to_storage_error, translate_os_errors
from open_event_uploads.storage.durable_folders import DurableFolders, make_folder
from open_event_uploads.storage.durable_write import FILE_MODE
from open_event_uploads.storage.flush import flush_file
from open_event_uploads.storage.folders import check_is_a_file
from open_event_uploads.storage.process_locks import wait_for_lock

# Following a link could leave the folder, and opening a pipe would block.
_FLAGS = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class GrowingFile:
    """`GrowingObject` of a folder.

    Args:
        path: of the file.
        may_write: raises if the caller has lost the right to write.
        folders: to make its name durable.
        begins: make the file; otherwise it is there.

    Raises:
        ObjectNotFound: it is not there, or is another object too and so must not change.
        StorageFull, StorageUnavailable: it cannot be made or opened.
    """

    def __init__(
        self, path: str, may_write: Callable[[], None], folders: DurableFolders, *, begins: bool
    ) -> None:
        self._path = path
        self._may_write = may_write
        self._folders = folders
        # Known when the first bytes are written.
        self._has_durable_name: bool | None = False if begins else None
        self._descriptor = _make(path) if begins else _open(path)

    def write(self, at: int, parts: Sequence[bytes]) -> None:
        """`GrowingObject.write`."""
        with self._locked(at) as descriptor:
            if self._has_durable_name is None:
                # The bytes before were flushed, and the name with them.
                self._has_durable_name = at > 0
            try:
                write_parts(descriptor, parts, at, is_kept=True)
                reach("append.written")
            except BaseException:
                # A full disk gets back what this took.
                with suppress(OSError):
                    os.ftruncate(descriptor, at)
                raise

    def truncate(self, size: int) -> None:
        """`GrowingObject.truncate`."""
        with self._locked(size):
            pass

    def flush(self) -> None:
        """`GrowingObject.flush`."""
        try:
            flush_file(self._open_descriptor())
            if not self._has_durable_name:
                self._folders.flush(self._path.rpartition("/")[0])
                self._has_durable_name = True
            reach("append.flushed")
        except OSError as error:
            # Linux counts what it failed to write as written, so that another flush would succeed
            # (fsync(2), "EIO"). Whoever opens the file again begins where the last flush ended.
            self.close()
            raise to_storage_error(error) from error

    def close(self) -> None:
        """`GrowingObject.close`."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with suppress(OSError):
                os.close(descriptor)

    def __enter__(self) -> Self:
        """Return the file itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    @contextmanager
    def _locked(self, size: int) -> Iterator[int]:
        """Hold the lock of the file, if it may be written, and cut it to a size."""
        with translate_os_errors(self._path):
            descriptor = self._open_descriptor()
        if not wait_for_lock(descriptor):
            raise StorageUnavailable(
                "The file is being written by another request.", headers={"Retry-After": "5"}
            )
        try:
            self._may_write()
            with translate_os_errors(self._path):
                _cut(descriptor, size)
                yield descriptor
        finally:
            with suppress(OSError):
                flock(descriptor, LOCK_UN)

    def _open_descriptor(self) -> int:
        if self._descriptor < 0:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._descriptor


def _make(path: str) -> int:
    flags = _FLAGS | os.O_CREAT | os.O_EXCL
    try:
        try:
            return os.open(path, flags, FILE_MODE)
        except FileNotFoundError:
            make_folder(Path(path).parent)
            return os.open(path, flags, FILE_MODE)
    except OSError as error:
        raise to_storage_error(error) from error


def _open(path: str) -> int:
    with translate_os_errors(path):
        descriptor = os.open(path, _FLAGS)
        try:
            check_is_a_file(descriptor)
            _check_has_one_name(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor


def _check_has_one_name(descriptor: int) -> None:
    """Raise FileNotFoundError if a `put` adopted the file: that object must not change."""
    if os.fstat(descriptor).st_nlink > 1:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def _cut(descriptor: int, size: int) -> None:
    """Cut a file; FileNotFoundError if it is shorter, was deleted, or is another object too."""
    found = os.fstat(descriptor)
    if found.st_nlink != 1 or found.st_size < size:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    if found.st_size > size:
        os.ftruncate(descriptor, size)
