"""Report to the metrics how long the operations of a storage take."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from open_event_uploads.errors import StorageFull, StorageUnavailable
from open_event_uploads.metrics import STORAGE, STORAGE_FAILURES
from open_event_uploads.storage.contract import Storage
from open_event_uploads.storage.local import LocalStorage

S = TypeVar("S", bound=Storage)

# By method; `open` over a network takes until the first byte arrives.
_OPERATIONS = {
    "put": "put",
    "open": "open",
    "delete": "delete",
    "delete_folder": "delete-folder",
}
# Of the objects that grow in a folder, by method.
_GROWING_OPERATIONS = {"write": "append", "flush": "flush"}
OPERATIONS = (*_OPERATIONS.values(), *_GROWING_OPERATIONS.values())


def timed(backend: type[S]) -> type[S]:
    """Return a subclass of a backend that times its operations.

    A subclass and not a wrapper, because callers ask the object itself for its optional
    capabilities (`FileBacked`, `Presigner`, `KeyLocker`).
    """
    subclass: Any = _subclass(backend, _OPERATIONS)
    if issubclass(backend, LocalStorage):
        subclass.growing_file = _subclass(backend.growing_file, _GROWING_OPERATIONS)
    return cast("type[S]", subclass)


def _subclass(base: type, operations: Mapping[str, str]) -> type:
    methods = {name: _timed(base, name, kind) for name, kind in operations.items()}
    return type(f"Timed{base.__name__}", (base,), methods)


def _timed(base: type, name: str, operation: str) -> Callable[..., Any]:
    # The series starts at 0: `increase` misses a failure that a series begins with (Prometheus,
    # "Instrumentation", "Avoid missing metrics").
    failures = STORAGE_FAILURES.labels(operation)

    def method(*arguments: Any) -> Any:  # noqa: ANN401 - the backend's own
        started = time.perf_counter()
        try:
            return getattr(base, name)(*arguments)
        except (StorageFull, StorageUnavailable):
            failures.inc()
            raise
        finally:
            STORAGE.labels(operation).observe(time.perf_counter() - started)

    return method
