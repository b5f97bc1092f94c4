"""Report to the metrics how long the operations of a storage take."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TypeVar, cast

from open_event_uploads.errors import UploadsError
from open_event_uploads.metrics import STORAGE, STORAGE_FAILURES
from open_event_uploads.storage.contract import Storage

S = TypeVar("S", bound=Storage)

OPERATIONS = ("put", "open", "delete", "delete-folder")


def timed(backend: type[S]) -> type[S]:
    """Return a subclass of a backend that times its operations.

    A subclass and not a wrapper, because callers ask the object itself for its optional
    capabilities (`FileBacked`, `Presigner`, `KeyLocker`).

    Args:
        backend: a class of storage that does not itself consist of two others.
    """
    # Series start at 0: `increase` misses a failure that a series begins with (Prometheus,
    # "Instrumentation", "Avoid missing metrics").
    for operation in OPERATIONS:
        STORAGE_FAILURES.labels(operation)
    return cast("type[S]", type(f"Timed{backend.__name__}", (_Timed, backend), {}))


class _Timed:
    """Methods that come before a backend's own in the method resolution order."""

    def put(self, key: str, content: bytes | Iterable[bytes]) -> None:
        """`Storage.put`."""
        with _timing("put"):
            _backend_of(self).put(key, content)

    def open(self, key: str) -> BinaryIO:
        """`Storage.open`; over a network, until the first byte arrives."""
        with _timing("open"):
            return _backend_of(self).open(key)

    def delete(self, key: str) -> None:
        """`Storage.delete`."""
        with _timing("delete"):
            _backend_of(self).delete(key)

    def delete_folder(self, folder: str) -> None:
        """`Storage.delete_folder`."""
        with _timing("delete-folder"):
            _backend_of(self).delete_folder(folder)


def _backend_of(storage: _Timed) -> Storage:
    return cast("Storage", super(_Timed, storage))


@contextmanager
def _timing(operation: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    except UploadsError:
        STORAGE_FAILURES.labels(operation).inc()
        raise
    finally:
        STORAGE.labels(operation).observe(time.perf_counter() - started)
