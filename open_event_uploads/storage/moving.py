"""Two storages while one takes the place of the other: read both, write new, delete both."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from itertools import chain
from typing import BinaryIO

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.storage.contract import Storage, StoredObject
from open_event_uploads.storage.process_locks import lock_key


class MovingStorage:
    """A storage whose objects are on their way from another one.

    Keys are never used again and objects never change, so a copy is as good as the original: it
    does not matter which one is read, nor how far the move is.

    Args:
        current: where everything is going to be.
        previous: where it has been.
    """

    def __init__(self, current: Storage, previous: Storage) -> None:
        self.current = current
        self.previous = previous

    def put(self, key: str, content: bytes | Iterable[bytes]) -> None:
        """`Storage.put`."""
        self.current.put(key, content)

    def open(self, key: str) -> BinaryIO:
        """`Storage.open`."""
        # It may be moved, and its original removed, between the first question and the second.
        for place in (self.current, self.previous, self.current):
            with suppress(ObjectNotFound):
                return place.open(key)
        raise ObjectNotFound(key)

    def delete(self, key: str) -> None:
        """`Storage.delete`; in this order, so that whoever copies it meanwhile notices."""
        self.previous.delete(key)
        self.current.delete(key)

    def delete_folder(self, folder: str) -> None:
        """`Storage.delete_folder`; in the order of `delete`."""
        self.previous.delete_folder(folder)
        self.current.delete_folder(folder)

    def objects(self) -> Iterator[StoredObject]:
        """`Storage.objects`; what lies in both is listed twice."""
        return chain(self.current.objects(), self.previous.objects())

    def sweep_temporary(self, older_than: timedelta, *, dry_run: bool = False) -> int:
        """`Storage.sweep_temporary`."""
        places = (self.current, self.previous)
        return sum(each.sweep_temporary(older_than, dry_run=dry_run) for each in places)

    def turn(self, key: str) -> AbstractContextManager[None]:
        """`Turns.turn`, where the new storage has turns."""
        return lock_key(self.current, key)

    def read_marker(self) -> str | None:
        """`Storage.read_marker`, of the new one."""
        return self.current.read_marker()

    def write_marker(self, instance_id: str) -> None:
        """`Storage.write_marker`, of the new one."""
        self.current.write_marker(instance_id)
