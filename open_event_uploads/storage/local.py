"""A folder on this machine, written so that a power cut loses nothing that was acknowledged.

objects/{two characters}/{key}    what is served; a name appears here only when it is complete
temporary/                        writes under way, and long bodies that come in, without a name; on
                                  the same file system so that both can be given one
turns/                            locks that the processes of this machine hold for a moment
instance                          the id of the database this storage belongs to
"""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.storage.contract import StoredObject, check_folder, check_key
from open_event_uploads.storage.disk_errors import translate_os_errors
from open_event_uploads.storage.durable_write import DurableWriter
from open_event_uploads.storage.folders import (
    list_folder,
    list_subfolders,
    modified_at,
    stat_or_none,
    walk_files,
)
from open_event_uploads.storage.process_locks import KeyLocks


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
        self._turns = KeyLocks(root / "turns")
        self._writer = DurableWriter(root, self._temporary)

    def prepare(self) -> None:
        """`Prepares.prepare`: make every folder of originals, and all of them durable at once.

        Otherwise each of the first 256 writes of a process would flush two folders more.
        """
        self._writer.prepare(self._objects, [f"{number:02x}" for number in range(256)])

    def put(self, key: str, content: bytes | Iterable[bytes]) -> None:
        """`Storage.put`, as `durable_write` does it."""
        self._writer.write(self._path(key), content)

    @property
    def spool_folder(self) -> Path:
        """`AdoptsFiles.spool_folder`."""
        return self._temporary

    def open(self, key: str) -> BinaryIO:
        """`Storage.open`; an open file outlives its name."""
        path = self._path(key)
        with translate_os_errors(path):
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
        with translate_os_errors(path), suppress(FileNotFoundError):
            path.unlink()

    def delete_folder(self, folder: str) -> None:
        """`Storage.delete_folder`; the folder itself goes where nobody writes into it again."""
        path = self._objects / check_folder(folder)
        for entry in walk_files(path):
            with translate_os_errors(path), suppress(FileNotFoundError):
                os.unlink(entry.path)  # noqa: PTH108 - a DirEntry has no method for it
        for each in (*list_subfolders(path), path):
            with suppress(OSError):
                each.rmdir()
                self._writer.forget(each)

    def objects(self) -> Iterator[StoredObject]:
        """`Storage.objects`, folder by folder, so that memory stays flat."""
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
                    with translate_os_errors(Path(entry.path)), suppress(FileNotFoundError):
                        os.unlink(entry.path)  # noqa: PTH108 - a DirEntry has no method for it
        return count

    def turn(self, key: str) -> AbstractContextManager[None]:
        """`Turns.turn`."""
        return self._turns.held(key)

    def read_marker(self) -> str | None:
        """`Storage.read_marker`."""
        try:
            with translate_os_errors(self._marker):
                # A damaged marker is nobody's, and must not pass for an absent one.
                return self._marker.read_text("ascii", errors="replace").strip()
        except ObjectNotFound:
            return None

    def write_marker(self, instance_id: str) -> None:
        """`Storage.write_marker`."""
        self._writer.write(self._marker, [instance_id.encode("ascii")], replaces=True)

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


def _check_is_a_file(descriptor: int) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "not a file")
