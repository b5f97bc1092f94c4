"""Report to the metrics how long the operations of a storage take."""

import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from open_event_uploads.errors import UploadsError
from open_event_uploads.metrics import STORAGE, STORAGE_FAILURES
from open_event_uploads.storage.contract import Storage

S = TypeVar("S", bound=Storage)

# By method; `open` over a network takes until the first byte arrives.
_OPERATIONS = {
    "put": "put",
    "open": "open",
    "delete": "delete",
    "delete_folder": "delete-folder",
}
OPERATIONS = tuple(_OPERATIONS.values())


def timed(backend: type[S]) -> type[S]:
    """Return a subclass of a backend that times its operations.

    A subclass and not a wrapper, because callers ask the object itself for its optional
    capabilities (`FileBacked`, `Presigner`, `KeyLocker`).
    """
    methods = {name: _timed(backend, name, kind) for name, kind in _OPERATIONS.items()}
    return cast("type[S]", type(f"Timed{backend.__name__}", (backend,), methods))


def _timed(backend: type[Storage], name: str, operation: str) -> Callable[..., Any]:
    # The series starts at 0: `increase` misses a failure that a series begins with (Prometheus,
    # "Instrumentation", "Avoid missing metrics").
    failures = STORAGE_FAILURES.labels(operation)

    def method(*arguments: Any) -> Any:  # noqa: ANN401 - the backend's own
        started = time.perf_counter()
        try:
            return getattr(backend, name)(*arguments)
        except UploadsError:
            failures.inc()
            raise
        finally:
            STORAGE.labels(operation).observe(time.perf_counter() - started)

    return method
