"""Measure the processor time of each part of a request: `python -m bench.parts`.

The application runs in this process and one thread. A part is a function of the program or of a
library; its time, by the thread's clock, excludes the parts that it calls. Decoding happens in
another process and is not included.
"""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bench.images import SIZES, make_jpeg
from bench.in_process import authorization, environ_of, make_product, silence
from bench.workload import document
from open_event_uploads.context import current_storage
from open_event_uploads.storage.capabilities import prepare_storage

_REQUESTS, _WARM_UP = 400, 100

# What is printed -> the module and the name of the function.
PARTS = {
    "Flask: context, routing, response": (
        "open_event_uploads.server.pipeline",
        "Pipeline.__call__",
    ),
    "before: token, policy, limits": (
        "open_event_uploads.server.application",
        "Application.preprocess_request",
    ),
    "after: log, metrics, headers": ("open_event_uploads.server.pipeline", "Pipeline._finish"),
    "resource: query, validation, answer": ("flask", "Flask.dispatch_request"),
    "JSON document": ("open_event_uploads.jsonapi.endpoint", "Endpoint.receive_resource"),
    "attributes (marshmallow, base64)": ("open_event_uploads.jsonapi.schema", "Schema.read"),
    "image: checks, metadata, hash": ("open_event_uploads.uploads.create", "store_file"),
    "wait for the decoder": ("open_event_uploads.uploads.store", "DECODERS.inspect"),
    "write and flush the file": ("open_event_uploads.storage.local", "LocalStorage.put"),
    "write lock": ("open_event_uploads.database.write", "_Group.write"),
    "SQL statements": ("open_event_uploads.database.statement", "Statement.on_driver"),
    "BEGIN and COMMIT": ("open_event_uploads.database.write", "run_jobs"),
    "resource objects": ("open_event_uploads.jsonapi.rendering", "resource_objects"),
}


class Clock:
    """Counts the time of each part, without the parts that it calls."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PARTS, 0.0)
        self._inner: list[float] = []

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Wrap every part while the context lasts."""
        with contextlib.ExitStack() as undo:
            for part, (module, name) in PARTS.items():
                owner, last = find_part(module, name)
                function = getattr(owner, last)
                setattr(owner, last, self._around(part, function))
                undo.callback(setattr, owner, last, function)
            yield

    def _around(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - any function
            started = time.thread_time()
            self._inner.append(0.0)
            try:
                return function(*arguments, **options)
            finally:
                seconds = time.thread_time() - started
                self.seconds[part] += seconds - self._inner.pop()
                if self._inner:
                    self._inner[-1] += seconds

        return counted


def find_part(module: str, name: str) -> tuple[Any, str]:
    """Return the module or class that has a function, and the function's name there."""
    *path, last = name.split(".")
    owner = import_module(module)
    for each in path:
        owner = getattr(owner, each)
    return owner, last


def main() -> None:
    """Print a table for each kind of request."""
    with tempfile.TemporaryDirectory() as folder, silence():
        app = make_product(Path(folder))
        with app.app_context():
            prepare_storage(current_storage())
            send = partial(_send, app.wsgi_app, authorization())
        body = document(make_jpeg(*SIZES["20 KB"]))
        for _ in range(_WARM_UP):
            made = msgspec.json.decode(send("POST", "/v1/uploads", body=body))
        address = urlsplit(made["data"]["links"]["self"]).path
        picture = urlsplit(made["data"]["attributes"]["url"]).path
        tables = {
            "upload of 20 KB": _measured(partial(send, "POST", "/v1/uploads", body=body)),
            "read of one": _measured(partial(send, "GET", address)),
            "bytes of 20 KB": _measured(partial(_send, app.wsgi_app, "", "GET", picture)),
            "list of 50": _measured(partial(send, "GET", "/v1/uploads", query="page%5Bsize%5D=50")),
        }
    unreached = [part for part, seconds in tables["upload of 20 KB"].items() if not seconds]
    assert not unreached, unreached
    for name, seconds in tables.items():
        print(f"\n{name}: {sum(seconds.values()) * 1000:.2f} ms")
        for part, each in sorted(seconds.items(), key=lambda found: -found[1]):
            if each > 0:
                print(f"  {each * 1000:6.3f} ms  {part}")


def _measured(request: Callable[[], object]) -> dict[str, float]:
    """Return the processor seconds of a request, by part."""
    clock = Clock()
    with clock.watching():
        for _ in range(_WARM_UP):
            request()
        clock.seconds = dict.fromkeys(PARTS, 0.0)
        for _ in range(_REQUESTS):
            request()
    return {part: seconds / _REQUESTS for part, seconds in clock.seconds.items()}


def _send(  # noqa: PLR0913 - what a request consists of
    application: Callable[..., Any],
    authorized: str,
    method: str,
    path: str,
    *,
    query: str = "",
    body: bytes = b"",
) -> bytes:
    """Send a request as the gateway does, and return the body of its answer."""
    statuses: list[str] = []
    environ = environ_of(method, path, authorized, query=query, body=body)
    parts = application(environ, lambda status, *_: statuses.append(status))
    answer = b"".join(parts)
    getattr(parts, "close", lambda: None)()
    assert statuses[0].startswith("2"), (statuses, answer[:500])
    return answer


if __name__ == "__main__":
    main()
