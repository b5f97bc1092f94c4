"""A folder on this machine, written so that a power cut loses nothing that was acknowledged.

objects/{two characters}/{key}    what is served; a name appears here only when it is complete
temporary/                        writes under way, on the same file system so that rename works
turns/                            locks that the processes of this machine hold for a moment
instance                          the id of the database this storage belongs to
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from open_event_uploads.errors import (
    ObjectNotFound,
    StorageFull,
    StorageUnavailable,
    UploadsError,
)
from open_event_uploads.fault_points import reach
from open_event_uploads.storage.contract import (
    OpenFile,
    StoredObject,
    check_folder,
    check_key,
    parts_of,
)
from open_event_uploads.storage.turns import FileTurns

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FILE_MODE = 0o640
_ATTEMPTS = 10
_MAX_REMEMBERED = 10_000
_FOLDER_MODE = 0o750

# What the process takes from the modes of new files; asked by setting it, before there are threads.
_UMASK = os.umask(0o077)
os.umask(_UMASK)


class LocalStorage:
    """Objects as files below one folder.

    Args:
        root: the folder; made on the first write.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects = root / "objects"
        self._temporary = root / "temporary"
        self._marker = root / "instance"
        self._turns = FileTurns(root / "turns")
        self._durable: set[Path] = set()

    def prepare(self) -> None:
        """`Prepares.prepare`: make every folder of originals, and all of them durable at once.

        Otherwise each of the first 256 writes of a process would flush two folders more.
        """
        folders = [self._objects / f"{number:02x}" for number in range(256)]
        with suppress(OSError):
            _make_folder(self._objects)
            for folder in folders:
                folder.mkdir(_FOLDER_MODE, exist_ok=True)
            _flush_folder(self._objects)
            _flush_folder(self.root)
            self._durable.update(folders)

    def put(self, key: str, content: bytes | Iterable[bytes]) -> None:
        """Write beside, flush, rename, flush the folder: `Storage.put`."""
        self._write(self._path(key), content)

    @property
    def spool_folder(self) -> Path:
        """`KeepsFiles.spool_folder`."""
        return self._temporary

    def open(self, key: str) -> BinaryIO:
        """`Storage.open`; an open file outlives its name."""
        path = self._path(key)
        with _translated(path):
            # A link in place of a file is not ours, and following it could leave the folder; a
            # pipe would keep whoever opens it waiting.
            flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(path, flags)
            try:
                _check_is_a_file(descriptor)
                return os.fdopen(descriptor, "rb", buffering=0)
            except BaseException:
                os.close(descriptor)
                raise

    def delete(self, key: str) -> None:
        """`Storage.delete`; not flushed, because the sweeper finds what a power cut brings back."""
        path = self._path(key)
        with _translated(path), suppress(FileNotFoundError):
            path.unlink()

    def delete_folder(self, folder: str) -> None:
        """`Storage.delete_folder`; the folder itself goes where nobody writes into it again."""
        path = self._objects / check_folder(folder)
        for entry in _files_below(path):
            with _translated(path), suppress(FileNotFoundError):
                os.unlink(entry.path)  # noqa: PTH108 - a DirEntry has no method for it
        for each in (*_folders_below(path), path):
            with suppress(OSError):
                each.rmdir()
                self._durable.discard(each)

    def objects(self) -> Iterator[StoredObject]:
        """`Storage.objects`, folder by folder, so that memory stays flat."""
        for entry in _files_below(self._objects):
            found = _status(entry)
            key = self._key(Path(entry.path))
            if found and key:
                yield StoredObject(key, found.st_size, _modified_at(found))

    def sweep_temporary(self, older_than: timedelta, *, dry_run: bool = False) -> int:
        """`Storage.sweep_temporary`."""
        horizon = datetime.now(UTC) - older_than
        count = 0
        for entry in _entries(self._temporary):
            found = _status(entry)
            if found and _modified_at(found) < horizon:
                count += 1
                if not dry_run:
                    with _translated(Path(entry.path)), suppress(FileNotFoundError):
                        os.unlink(entry.path)  # noqa: PTH108 - a DirEntry has no method for it
        return count

    def turn(self, key: str) -> AbstractContextManager[None]:
        """`Turns.turn`."""
        return self._turns.held(key)

    def read_marker(self) -> str | None:
        """`Storage.read_marker`."""
        try:
            with _translated(self._marker):
                # A damaged marker is nobody's, and must not pass for an absent one.
                return self._marker.read_text("ascii", errors="replace").strip()
        except ObjectNotFound:
            return None

    def write_marker(self, instance_id: str) -> None:
        """`Storage.write_marker`."""
        self._write(self._marker, [instance_id.encode("ascii")], replaces=True)

    def relative_path(self, key: str) -> str:
        """`HasFiles.relative_path`."""
        return self._path(key).relative_to(self.root).as_posix()

    def _path(self, key: str) -> Path:
        """Where an object lies: the one guard of every path on disk.

        `check_key` lets only our own alphabet through, so a key can neither leave the folder nor
        name anything else in it; two characters of a random name spread a million objects over
        256 folders.
        """
        folder, slash, name = check_key(key).rpartition("/")
        # Joined as text, because a path would be read anew at every `/` operator.
        return Path(f"{self._objects}/{folder}{slash}{name[:2]}/{name}")

    def _key(self, path: Path) -> str | None:
        """The key of the object at a path; None for a file that we never made."""
        folders = path.relative_to(self._objects).parts[:-2]
        key = "/".join([*folders, path.name])
        try:
            return key if self._path(key) == path else None
        except ValueError:
            return None

    def _write(
        self, path: Path, content: bytes | Iterable[bytes], *, replaces: bool = False
    ) -> None:
        temporary = self._temporary / secrets.token_hex(16)
        try:
            reach("put.begin")
            if not self._kept_flushed(temporary, content):
                self._write_flushed(temporary, parts_of(content))
            reach("put.flushed")
            self._rename_flushed(temporary, path, replaces=replaces)
        except BaseException as error:
            with suppress(OSError):
                temporary.unlink()
            if isinstance(error, OSError):
                raise _translation(error) from error
            raise

    def _kept_flushed(self, temporary: Path, content: bytes | Iterable[bytes]) -> bool:
        """Keep a file that has no name yet; False where it is none of this disk.

        Whoever knows a name that a file has already might change what is in it.
        """
        if isinstance(content, bytes) or not isinstance(content, OpenFile):
            return False
        if os.fstat(content.fileno()).st_nlink:
            return False
        descriptor = content.fileno()
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
        above = folder
        while above != self.root:
            above = above.parent
            _flush_folder(above)
        if len(self._durable) >= _MAX_REMEMBERED:
            self._durable.clear()
        self._durable.add(folder)


def _check_is_a_file(descriptor: int) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "not a file")


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn the operating system's errors into ours, where they enter."""
    try:
        yield
    except FileNotFoundError:
        raise ObjectNotFound(path.name) from None
    except OSError as error:
        raise _translation(error) from error


def _translation(error: OSError) -> UploadsError:
    if error.errno in _NO_ROOM:
        return StorageFull("There is no room left to store the file.")
    return StorageUnavailable("The storage cannot be used right now.", headers={"Retry-After": "5"})


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What is in a folder; nothing where there is no such folder yet."""
    try:
        with _translated(folder), os.scandir(folder) as entries:
            yield from entries
    except ObjectNotFound:
        return


def _files_below(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Every regular file in a folder and the folders in it; links are not followed."""
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _files_below(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield entry


def _folders_below(folder: Path) -> list[Path]:
    """The folders directly in a folder."""
    return [Path(entry.path) for entry in _entries(folder) if entry.is_dir(follow_symlinks=False)]


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    """The status of what was listed, unless it went away since."""
    try:
        return entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None


def _modified_at(status: os.stat_result) -> datetime:
    return datetime.fromtimestamp(status.st_mtime, UTC)


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
