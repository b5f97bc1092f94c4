"""What each part of a request takes of the processor's time: `python -m bench.parts`.

The application is called in this process and from one thread. A part is a function of the program
or of a library; what it takes is counted by itself, without the parts that it calls, with the
thread's own clock. Decoding happens in another process and is no part of it.
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
from open_event_uploads.storage.powers import prepare_storage

_REQUESTS, _WARM_UP = 400, 100

# What is printed -> where it is.
_OURS = "open_event_uploads"
PARTS = {
    "Flask: context, routing, response": (f"{_OURS}.api.public_files", "PublicFiles.__call__"),
    "hooks before: token, rules, limits": ("flask", "Flask.preprocess_request"),
    "hooks after: log, metrics, headers": ("flask", "Flask.process_response"),
    "resource: query, validation, answer": ("flask", "Flask.dispatch_request"),
    "the document is read (JSON)": (f"{_OURS}.api.jsonapi.resources", "Endpoint.received"),
    "its attributes (marshmallow, base64)": (f"{_OURS}.api.jsonapi.schema", "Schema.read"),
    "the image: checks, metadata, hash": (f"{_OURS}.services.create_upload", "store_file"),
    "the decoder is asked, and waited for": (f"{_OURS}.services.store_file", "DECODERS.inspect"),
    "the file is written and flushed": (f"{_OURS}.storage.local", "LocalStorage.put"),
    "the turn to write": (f"{_OURS}.services.create_upload", "commit_write"),
    "statements": (f"{_OURS}.models.statement", "Statement.on_driver"),
    "BEGIN and COMMIT": (f"{_OURS}.models.shared_commit", "transact"),
    "resource objects": (f"{_OURS}.api.jsonapi.resources", "document"),
}


class Clock:
    """CountsUploads what functions take, each without those that it calls."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PARTS, 0.0)
        self._inner: list[float] = []

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Put itself around every part, for a while."""
        with contextlib.ExitStack() as undo:
            for part, (module, name) in PARTS.items():
                *path, last = name.split(".")
                owner: Any = import_module(module)
                for each in path:
                    owner = getattr(owner, each)
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


def main() -> None:
    """Print a table for each kind of request."""
    with tempfile.TemporaryDirectory() as folder, silence():
        app = make_product(Path(folder))
        with app.app_context():
            prepare_storage(current_storage())
            ask = partial(_ask, app.wsgi_app, authorization())
        body = document(make_jpeg(*SIZES["20 KB"]))
        for _ in range(_WARM_UP):
            made = msgspec.json.decode(ask("POST", "/v1/uploads", body=body))
        address = urlsplit(made["data"]["links"]["self"]).path
        picture = urlsplit(made["data"]["attributes"]["url"]).path
        tables = {
            "upload of 20 KB": _measured(partial(ask, "POST", "/v1/uploads", body=body)),
            "read of one": _measured(partial(ask, "GET", address)),
            "bytes of 20 KB": _measured(partial(_ask, app.wsgi_app, "", "GET", picture)),
            "list of 50": _measured(partial(ask, "GET", "/v1/uploads", query="page%5Bsize%5D=50")),
        }
    unreached = [part for part, seconds in tables["upload of 20 KB"].items() if not seconds]
    assert not unreached, unreached
    for name, seconds in tables.items():
        print(f"\n{name}: {sum(seconds.values()) * 1000:.2f} ms")
        for part, each in sorted(seconds.items(), key=lambda found: -found[1]):
            if each > 0:
                print(f"  {each * 1000:6.3f} ms  {part}")


def _measured(request: Callable[[], object]) -> dict[str, float]:
    """Seconds of the processor a request, by part."""
    clock = Clock()
    with clock.watching():
        for _ in range(_WARM_UP):
            request()
        clock.seconds = dict.fromkeys(PARTS, 0.0)
        for _ in range(_REQUESTS):
            request()
    return {part: seconds / _REQUESTS for part, seconds in clock.seconds.items()}


def _ask(  # noqa: PLR0913 - what a request consists of
    application: Callable[..., Any],
    authorized: str,
    method: str,
    path: str,
    *,
    query: str = "",
    body: bytes = b"",
) -> bytes:
    """Send a request as the room in front of Flask would."""
    said: list[str] = []
    environ = environ_of(method, path, authorized, query=query, body=body)
    parts = application(environ, lambda status, *_: said.append(status))
    answer = b"".join(parts)
    getattr(parts, "close", lambda: None)()
    assert said[0].startswith("2"), (said, answer[:500])
    return answer


if __name__ == "__main__":
    main()
