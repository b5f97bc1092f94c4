"""Storages that tell how long what they do takes."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TypeVar, cast

from open_event_uploads.errors import UploadsError
from open_event_uploads.metrics import STORAGE, STORAGE_FAILURES
from open_event_uploads.storage.contract import Storage

S = TypeVar("S", bound=Storage)

OPERATIONS = ("put", "open", "delete", "delete-folder")


def metered(kind: type[S]) -> type[S]:
    """The same kind of storage, metered.

    Not something around it: what a storage can do besides (`HasFiles`, `Presigns`, `Turns`) is
    asked of the object itself.

    Args:
        kind: of storage, which is not one of two others.
    """
    # At 0 from the start: `increase` sees no first failure in a series that begins with it
    # (Prometheus, "Instrumentation", "Avoid missing metrics").
    for operation in OPERATIONS:
        STORAGE_FAILURES.labels(operation)
    return cast("type[S]", type(f"Measured{kind.__name__}", (_Measured, kind), {}))


class _Measured:
    """What stands before a storage's own methods, which come after it in the class."""

    def put(self, key: str, content: bytes | Iterable[bytes]) -> None:
        """`Storage.put`."""
        with _timed("put"):
            _after(self).put(key, content)

    def open(self, key: str) -> BinaryIO:
        """`Storage.open`; of an object that is sent over a network, to its first byte."""
        with _timed("open"):
            return _after(self).open(key)

    def delete(self, key: str) -> None:
        """`Storage.delete`."""
        with _timed("delete"):
            _after(self).delete(key)

    def delete_folder(self, folder: str) -> None:
        """`Storage.delete_folder`."""
        with _timed("delete-folder"):
            _after(self).delete_folder(folder)


def _after(metered: _Measured) -> Storage:
    return cast("Storage", super(_Measured, metered))


@contextmanager
def _timed(operation: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    except UploadsError:
        STORAGE_FAILURES.labels(operation).inc()
        raise
    finally:
        STORAGE.labels(operation).observe(time.perf_counter() - started)
