"""Files that a power cut does not take back: beside, flushed, renamed, and their folder flushed."""

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from open_event_uploads.fault_points import reach
from open_event_uploads.storage.contract import FileParts, iter_parts
from open_event_uploads.storage.disk_errors import to_storage_error

_FILE_MODE, _FOLDER_MODE = 0o640, 0o750

# What the process takes from the modes of new files; asked by setting it, before there are threads.
_UMASK = os.umask(0o077)
os.umask(_UMASK)

# How often a folder is made that somebody who deletes takes away again.
_ATTEMPTS = 10

# Folders that are known to be durable; of more, some are flushed again.
_MAX_REMEMBERED = 10_000


class DurableWriter:
    """Writes files below one folder.

    Args:
        root: the folder.
        temporary: a folder in it, for writes under way.
    """

    def __init__(self, root: Path, temporary: Path) -> None:
        self._root = root
        self._temporary = temporary
        self._durable: set[Path] = set()

    def prepare(self, parent: Path, names: Iterable[str]) -> None:
        """Make folders, and all of them durable at once; where that cannot be, `write` does it.

        Args:
            parent: of all of them.
            names: theirs.
        """
        folders = [parent / name for name in names]
        with suppress(OSError):
            _make_folder(parent)
            for folder in folders:
                folder.mkdir(_FOLDER_MODE, exist_ok=True)
            self._flush_to_root(parent)
            self._durable.update(folders)

    def forget(self, folder: Path) -> None:
        """Take down that a folder is gone."""
        self._durable.discard(folder)

    def write(
        self, path: Path, content: bytes | Iterable[bytes], *, replaces: bool = False
    ) -> None:
        """Write a file; on return a power cut takes neither its bytes nor its name.

        Args:
            path: where.
            content: the bytes, whole or a part at a time, or a `FileParts`.
            replaces: whether there may be a file already, which must not be lost.

        Raises:
            StorageFull, StorageUnavailable: nothing is left behind.
        """
        temporary = self._temporary / secrets.token_hex(16)
        try:
            reach("put.begin")
            if not self._name_flushed(temporary, content):
                self._write_flushed(temporary, iter_parts(content))
            reach("put.flushed")
            self._rename_flushed(temporary, path, replaces=replaces)
        except BaseException as error:
            with suppress(OSError):
                temporary.unlink()
            if isinstance(error, OSError):
                raise to_storage_error(error) from error
            raise

    def _name_flushed(self, temporary: Path, content: bytes | Iterable[bytes]) -> bool:
        """Give a file that has none its first name; False where it has one, or lies elsewhere.

        Whoever knows a name that a file has already might change what is in it.
        """
        if isinstance(content, bytes) or not isinstance(content, FileParts):
            return False
        descriptor = content.fileno()
        if os.fstat(descriptor).st_nlink:
            return False
        try:
            # With a descriptor it is linkat(2), which follows the link that stands there (open(2),
            # O_TMPFILE); as the path is absolute, which descriptor does not matter.
            os.link(f"/proc/self/fd/{descriptor}", temporary, src_dir_fd=descriptor)
        except OSError:
            return False
        os.fchmod(descriptor, _FILE_MODE & ~_UMASK)
        reach("put.written")
        os.fsync(descriptor)
        return True

    def _write_flushed(self, temporary: Path, content: Iterable[bytes]) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            descriptor = os.open(temporary, flags, _FILE_MODE)
        except FileNotFoundError:
            _make_folder(self._temporary)
            descriptor = os.open(temporary, flags, _FILE_MODE)
        try:
            for part in content:
                rest = memoryview(part)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
            reach("put.written")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _rename_flushed(self, temporary: Path, path: Path, *, replaces: bool) -> None:
        try:
            temporary.rename(path)
        except FileNotFoundError:
            self._rename_into_new_folder(temporary, path)
        try:
            reach("put.named")
            _flush_folder(path.parent)
            self._flush_above(path.parent)
            reach("put.done")
        except OSError:
            # The name may not survive a power cut, so nobody may be told that it is there. What
            # was there before under the same name must not be lost for that.
            if not replaces:
                with suppress(OSError):
                    path.unlink()
            raise

    def _rename_into_new_folder(self, temporary: Path, path: Path) -> None:
        """As often as somebody who deletes a folder takes the new one away again."""
        for attempts_left in reversed(range(_ATTEMPTS)):
            _make_folder(path.parent)
            try:
                temporary.rename(path)
            except FileNotFoundError:
                if not attempts_left:
                    raise
            else:
                return

    def _flush_above(self, folder: Path) -> None:
        """Make the folder's own name durable, once a process.

        It may have been made a moment ago by another writer that has not flushed it yet.
        """
        if folder in self._durable:
            return
        if folder != self._root:
            self._flush_to_root(folder.parent)
        if len(self._durable) >= _MAX_REMEMBERED:
            self._durable.clear()
        self._durable.add(folder)

    def _flush_to_root(self, folder: Path) -> None:
        """Flush a folder, and those above it."""
        _flush_folder(folder)
        while folder != self._root:
            folder = folder.parent
            _flush_folder(folder)


def _make_folder(folder: Path) -> None:
    """Make a folder and every missing one above it, each flushed into its parent."""
    if not folder.parent.exists():
        _make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(_FOLDER_MODE)
    _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    """A name is durable when the folder that holds it is (fsync(2), notes)."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
