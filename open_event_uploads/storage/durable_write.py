"""Write files that survive a power cut: temporary file, flush, rename, flush of the folder.

Paths are text here: making `Path` objects of them took a tenth of a write's processor time.
"""

import os
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from open_event_uploads.fault_points import reach
from open_event_uploads.storage.contract import iter_parts
from open_event_uploads.storage.disk_errors import to_storage_error
from open_event_uploads.storage.durable_folders import DurableFolders, make_folder
from open_event_uploads.storage.flush import flush_file

T = TypeVar("T")

# Of every object, before the umask.
FILE_MODE = 0o640

# The process's umask can be read only by setting it; this runs before there are threads.
_UMASK = os.umask(0o077)
os.umask(_UMASK)

# How often a folder is made again that a concurrent delete removes.
_ATTEMPTS = 10


class DurableWriter:
    """Write files below one folder, through a temporary folder on the same file system."""

    def __init__(self, folders: DurableFolders, temporary: Path) -> None:
        self._folders = folders
        self._temporary = temporary

    def write(self, path: str, content: bytes | Iterable[bytes], *, replaces: bool = False) -> None:
        """Write a file; on return its bytes and its name survive a power cut.

        The content may be a `FileParts`. A failure must not lose a file that this one `replaces`.

        Raises:
            StorageFull, StorageUnavailable: nothing is left behind.
        """
        temporary = f"{self._temporary}/{secrets.token_hex(16)}"
        try:
            reach("put.begin")
            if not self._link_flushed(temporary, content):
                self._write_flushed(temporary, iter_parts(content))
            reach("put.flushed")
            self._rename_flushed(temporary, path, replaces=replaces)
        except BaseException as error:
            with suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108 - text
            if isinstance(error, OSError):
                raise to_storage_error(error) from error
            raise

    def _link_flushed(self, temporary: str, content: bytes | Iterable[bytes]) -> bool:
        """Give an open file a name; return False where it must be copied.

        A file that has a name already could be changed through that name, unless it is sealed.
        """
        # Not asked by `isinstance`, which looks up every method of `FileParts`.
        descriptor: int | None = getattr(content, "descriptor", None)
        if descriptor is None:
            return False
        if os.fstat(descriptor).st_nlink and not getattr(content, "sealed", False):
            return False
        # `src_dir_fd` makes Python call linkat(2), which follows the link in /proc (open(2),
        # O_TMPFILE); as the path is absolute, any descriptor will do.
        link = partial(os.link, f"/proc/self/fd/{descriptor}", temporary, src_dir_fd=descriptor)
        try:
            self._in_temporary(link)
        except OSError:
            return False
        os.fchmod(descriptor, FILE_MODE & ~_UMASK)
        # The sweeper asks for the time of the put, and a file may be older.
        os.utime(descriptor)
        reach("put.written")
        flush_file(descriptor)
        return True

    def _write_flushed(self, temporary: str, content: Iterable[bytes]) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = self._in_temporary(partial(os.open, temporary, flags, FILE_MODE))
        try:
            for part in content:
                rest = memoryview(part)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
            reach("put.written")
            flush_file(descriptor)
        finally:
            os.close(descriptor)

    def _in_temporary(self, make: Callable[[], T]) -> T:
        """Make a file in the temporary folder, and the folder if it is not there."""
        try:
            return make()
        except FileNotFoundError:
            make_folder(self._temporary)
            return make()

    def _rename_flushed(self, temporary: str, path: str, *, replaces: bool) -> None:
        folder = path.rpartition("/")[0]
        try:
            os.rename(temporary, path)  # noqa: PTH104 - text
        except FileNotFoundError:
            _rename_into_new_folder(temporary, path, Path(folder))
        try:
            reach("put.named")
            self._folders.flush(folder)
            reach("put.done")
        except OSError:
            # A power cut may undo the rename, so the write must count as failed and leave nothing,
            # except where that would lose an earlier file of the same name.
            if not replaces:
                with suppress(OSError):
                    os.unlink(path)  # noqa: PTH108 - text
            raise


def _rename_into_new_folder(temporary: str, path: str, folder: Path) -> None:
    """Rename, making the folder again as often as a concurrent delete removes it."""
    for attempts_left in reversed(range(_ATTEMPTS)):
        make_folder(folder)
        try:
            os.rename(temporary, path)  # noqa: PTH104 - text
        except FileNotFoundError:
            if not attempts_left:
                raise
        else:
            return
