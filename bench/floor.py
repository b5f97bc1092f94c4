"""The floor: a bare WSGI function that does the least that any server must.

An upload: read the body, parse the JSON, decode base64, hash, decode the image once at 1/8 scale,
write the file durably, commit one row, answer. Reads: one SELECT (two for a list: the page and the
count), encode, answer. It has no validation, and no headers but those that HTTP needs.

`python -m bench.floor FOLDER PORT THREADS` serves it with the settings of `manage.py serve`.
"""

import hashlib
import io
import os
import sys
import threading
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pybase64
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from PIL import Image

from bench.floor_store import COLUMNS, Row, Store

FOLDER, BASE_URL = "BENCH_FLOOR_FOLDER", "BENCH_FLOOR_URL"
_DOCUMENT = "application/vnd.api+json"
_NAMES = [name.replace("_", "-") for name in COLUMNS]
_PAGE_SIZE = 50
_WORKERS = 2

# As many at once as the product allows, so that the two do not differ in this.
_DECODERS = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def create_app() -> Wsgi:
    """Return the WSGI function; granian calls this once in each worker."""
    store = Store(Path(os.environ[FOLDER]))
    base = os.environ[BASE_URL]

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        media_type, status = _DOCUMENT, "200 OK"
        if environ["REQUEST_METHOD"] == "POST":
            status, body = "201 Created", _upload(_read(environ), store, base)
        elif path.startswith("/media/"):
            media_type, body = store.read_file(path.removeprefix("/media/"))
        elif path == "/v1/uploads":
            body = _list(store, base)
        else:
            body = _document(store.one(path.rpartition("/")[2]), base)
        start_response(status, [("Content-Type", media_type), ("Content-Length", str(len(body)))])
        return [body]

    return application


def _read(environ: Environ) -> bytes:
    """Read the whole body, in several reads: granian returns what has arrived so far."""
    missing = int(environ["CONTENT_LENGTH"])
    read = environ["wsgi.input"].read
    chunks = []
    while missing and (chunk := read(missing)):
        chunks.append(chunk)
        missing -= len(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _upload(body: bytes, store: Store, base: str) -> bytes:
    attributes = _decode(body)["data"]["attributes"]
    content = pybase64.b64decode(attributes["data"].partition(",")[2], validate=True)
    with _DECODERS:
        checksum = f"sha256:{hashlib.sha256(content).hexdigest()}"
        width, height = _check_image(content)
    key = f"{uuid.uuid4()}.jpg"
    store.write_file(key, content)
    now = datetime.now(UTC).isoformat()
    row = (
        str(uuid.uuid4()), key, "ready", attributes["filename"], "", "image/jpeg",
        len(content), checksum, width, height, 1, now, now,
    )  # fmt: skip
    store.insert(row)
    return _document(row, base)


def _check_image(content: bytes) -> tuple[int, int]:
    """Decode at 1/8 scale, which reads the whole file; return width and height in pixels."""
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
        width, height = image.size
        image.draft(None, (width // 8, height // 8))
        image.load()
    return width, height


def _list(store: Store, base: str) -> bytes:
    rows, count = store.page(_PAGE_SIZE)
    return _encode({"data": [_resource(row, base) for row in rows], "meta": {"count": count}})


def _document(row: Row, base: str) -> bytes:
    return _encode({"data": _resource(row, base)})


def _resource(row: Row, base: str) -> dict[str, Any]:
    attributes = dict(zip(_NAMES, row, strict=True))
    id_ = attributes.pop("id")
    attributes["url"] = f"{base}/media/{attributes.pop('key')}"
    return {
        "type": "uploads",
        "id": id_,
        "attributes": attributes,
        "links": {"self": f"{base}/v1/uploads/{id_}"},
    }


def main(folder: str, port: int, threads: int) -> None:
    """Serve the floor with the options of `open_event_uploads.cli.serve`.

    Args:
        folder: for files and rows.
        port: on the loopback address.
        threads: of each worker.
    """
    os.environ[FOLDER], os.environ[BASE_URL] = folder, f"http://127.0.0.1:{port}"
    Store(Path(folder))  # before the workers, so that only one process creates the tables
    Granian(
        "bench.floor:create_app",
        factory=True,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=_WORKERS,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=15,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
