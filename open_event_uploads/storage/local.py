"""Store objects in a folder of this machine; a power cut loses nothing that was acknowledged.

objects/{two characters}/{key}    complete objects
temporary/                        writes in progress and nameless files of long request bodies; on
                                  the same file system, so that both can be moved into place
turns/                            lock files, shared by the processes of this machine
instance                          the id of the database this storage belongs to
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.storage.contract import StoredObject, check_folder, check_key
from open_event_uploads.storage.disk_errors import translate_os_errors
from open_event_uploads.storage.durable_folders import DurableFolders
from open_event_uploads.storage.durable_write import DurableWriter
from open_event_uploads.storage.folders import (
    check_is_a_file,
    delete_file,
    list_folder,
    list_subfolders,
    modified_at,
    stat_or_none,
    walk_files,
)
from open_event_uploads.storage.growing_file import GrowingFile
from open_event_uploads.storage.process_locks import FileLocks


class LocalStorage:
    """Objects as files below one folder, which is made on the first write.

    Attributes:
        growing_file: the class of the objects that grow.
    """

    growing_file = GrowingFile

    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects = root / "objects"
        self._temporary = root / "temporary"
        self._marker = root / "instance"
        self._locks = FileLocks(root / "turns")
        self._folders = DurableFolders(root)
        self._writer = DurableWriter(self._folders, self._temporary)

    def prepare(self) -> None:
        """`Preparable.prepare`: make all 256 folders of originals.

        Otherwise each of the first 256 writes of a process would flush two more folders.
        """
        self._folders.prepare(self._objects, [f"{number:02x}" for number in range(256)])

    def put(self, key: str, content: bytes | Iterable[bytes]) -> None:
        """`Storage.put`."""
        self._writer.write(self._path(key), content)

    @property
    def spool_folder(self) -> Path:
        """`FileAdopter.spool_folder`."""
        return self._temporary

    def grow(self, key: str, may_write: Callable[[], None], *, begins: bool) -> GrowingFile:
        """`Grower.grow`."""
        return self.growing_file(self._path(key), may_write, self._folders, begins=begins)

    def open(self, key: str) -> BinaryIO:
        """`Storage.open`; an open file outlives its name."""
        path = self._path(key)
        with translate_os_errors(key):
            # Following a link could leave the folder, and opening a pipe would block.
            flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(path, flags)
            try:
                check_is_a_file(descriptor)
                return os.fdopen(descriptor, "rb", buffering=0)
            except BaseException:
                os.close(descriptor)
                raise

    def delete(self, key: str) -> None:
        """`Storage.delete`; not flushed, because the sweeper finds what a power cut brings back."""
        delete_file(Path(self._path(key)))

    def delete_folder(self, folder: str) -> None:
        """`Storage.delete_folder`; removes the folder too if it stays empty."""
        path = self._objects / check_folder(folder)
        for entry in walk_files(path):
            delete_file(Path(entry.path))
        for each in (*list_subfolders(path), path):
            with suppress(OSError):
                each.rmdir()
                self._folders.forget(each)

    def objects(self) -> Iterator[StoredObject]:
        """`Storage.objects`, one folder at a time, so that memory stays flat."""
        for entry in walk_files(self._objects):
            found = stat_or_none(entry)
            key = self._key(Path(entry.path))
            if found and key:
                yield StoredObject(key, found.st_size, modified_at(found))

    def sweep_temporary(self, older_than: timedelta, *, dry_run: bool = False) -> int:
        """`Storage.sweep_temporary`."""
        horizon = datetime.now(UTC) - older_than
        count = 0
        for entry in list_folder(self._temporary):
            found = stat_or_none(entry)
            if found and modified_at(found) < horizon:
                count += 1
                if not dry_run:
                    delete_file(Path(entry.path))
        return count

    def lock(self, key: str) -> AbstractContextManager[None]:
        """`KeyLocker.lock`."""
        return self._locks.hold(key)

    def read_marker(self) -> str | None:
        """`Storage.read_marker`."""
        try:
            with translate_os_errors(self._marker.name):
                # A damaged marker must not pass for a missing one.
                return self._marker.read_text("ascii", errors="replace").strip()
        except ObjectNotFound:
            return None

    def write_marker(self, instance_id: str) -> None:
        """`Storage.write_marker`."""
        self._writer.write(str(self._marker), [instance_id.encode("ascii")], replaces=True)

    def relative_path(self, key: str) -> str:
        """`FileBacked.relative_path`."""
        return Path(self._path(key)).relative_to(self.root).as_posix()

    def _path(self, key: str) -> str:
        """Return the path of an object; every path on disk is checked here.

        `check_key` admits only our own alphabet, so a key cannot leave the folder. Two characters
        of a random name spread a million objects over 256 folders.
        """
        folder, slash, name = check_key(key).rpartition("/")
        return f"{self._objects}/{folder}{slash}{name[:2]}/{name}"

    def _key(self, path: Path) -> str | None:
        """Return the key of the object at a path; None for a foreign file."""
        folders = path.relative_to(self._objects).parts[:-2]
        key = "/".join([*folders, path.name])
        try:
            return key if self._path(key) == str(path) else None
        except ValueError:
            return None
