"""Move from one storage to another: read both, write to the new one, delete from both."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from itertools import chain
from typing import BinaryIO

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.storage.contract import Grower, GrowingObject, Storage, StoredObject
from open_event_uploads.storage.process_locks import lock_key


class MovingStorage:
    """A storage that takes the place of a previous one.

    Keys are never reused and objects never change, so it does not matter which copy is read, nor
    how far the move has come.
    """

    def __init__(self, current: Storage, previous: Storage) -> None:
        self.current = current
        self.previous = previous

    def put(self, key: str, content: bytes | Iterable[bytes]) -> None:
        """`Storage.put`."""
        self.current.put(key, content)

    def open(self, key: str) -> BinaryIO:
        """`Storage.open`."""
        # The object may be moved between the first attempt and the second.
        for member in (self.current, self.previous, self.current):
            with suppress(ObjectNotFound):
                return member.open(key)
        raise ObjectNotFound(key)

    def delete(self, key: str) -> None:
        """`Storage.delete`; the old one first, so that a copy in progress notices."""
        self.previous.delete(key)
        self.current.delete(key)

    def delete_folder(self, folder: str) -> None:
        """`Storage.delete_folder`; in the order of `delete`."""
        self.previous.delete_folder(folder)
        self.current.delete_folder(folder)

    def objects(self) -> Iterator[StoredObject]:
        """`Storage.objects`; lists an object twice that is in both."""
        return chain(self.current.objects(), self.previous.objects())

    def sweep_temporary(self, older_than: timedelta, *, dry_run: bool = False) -> int:
        """`Storage.sweep_temporary`."""
        members = (self.current, self.previous)
        return sum(each.sweep_temporary(older_than, dry_run=dry_run) for each in members)

    def lock(self, key: str) -> AbstractContextManager[None]:
        """`KeyLocker.lock`, of the new storage if it has locks."""
        return lock_key(self.current, key)

    def read_marker(self) -> str | None:
        """`Storage.read_marker`, of the new one."""
        return self.current.read_marker()

    def write_marker(self, instance_id: str) -> None:
        """`Storage.write_marker`, of the new one."""
        self.current.write_marker(instance_id)


class MovingGrower:
    """The `Grower` of a move: objects of the new storage grow, those of the previous one do not.

    An object of the previous storage may be copied at any time, which would undo what was appended
    to an earlier copy.

    Args:
        current: the new storage.
        previous: the storage that is being moved from.
    """

    def __init__(self, current: Grower, previous: Storage) -> None:
        self._current = current
        self._previous = previous

    def grow(self, key: str, may_write: Callable[[], None], *, begins: bool) -> GrowingObject:
        """`Grower.grow`."""
        if not begins and self._is_frozen(key):
            raise ObjectNotFound(key)
        return self._current.grow(key, may_write, begins=begins)

    def _is_frozen(self, key: str) -> bool:
        try:
            self._previous.open(key).close()
        except ObjectNotFound:
            return False
        return True
