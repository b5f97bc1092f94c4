"""A storage of many files that nobody wrote: sweep and verify read it, and no disk does."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from bench.scale_rows import key_of, number_of, size_of
from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.storage import StoredObject
from open_event_uploads.storage.memory import MemoryStorage

# Of a thousand objects one is an orphan; a sweep refuses to remove more than ten.
_ORPHAN_EACH = 1_000
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class NumberedStorage(MemoryStorage):
    """The bytes of so many uploads, made when asked for: zeros, as many as the upload's size.

    Args:
        count: how many uploads.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count
        self.deleted = 0

    def open(self, key: str) -> BinaryIO:
        """`Storage.open`."""
        number = number_of(key)
        if number >= self._count:
            raise ObjectNotFound(key)
        return io.BytesIO(bytes(size_of(number)))

    def delete(self, key: str) -> None:  # noqa: ARG002 - nothing lies anywhere
        """`Storage.delete`, counted."""
        self.deleted += 1

    def objects(self) -> Iterator[StoredObject]:
        """`Storage.objects`: the uploads', and orphans among them."""
        for number in range(self._count):
            yield StoredObject(key_of(number), size_of(number), _LONG_AGO)
            if number % _ORPHAN_EACH == 0:
                yield StoredObject(key_of(self._count + number), 1, _LONG_AGO)
