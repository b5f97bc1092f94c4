"""Run a server with one more route, `/parts/NAME`, which notes in a folder what it is sent.

`python -m tests.faults.parts_server FOLDER PORT`
"""

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from flask import Response

from open_event_uploads.app import create_app
from open_event_uploads.cli.serve import make_server
from open_event_uploads.current import current_request
from open_event_uploads.errors import StorageFull
from open_event_uploads.jsonapi.body import received_parts
from open_event_uploads.jsonapi.expected_body import expect_parts
from open_event_uploads.server import receive_parts
from open_event_uploads.server.gateway import Gateway
from open_event_uploads.server.policy import Policy, Who
from open_event_uploads.server.routes import declare_policies

MAX_BYTES = 8 * 1024**2
DEADLINE_SECONDS = 5.0
METRICS_TOKEN = "a token for the figures, which are all that it shows"  # noqa: S105 - of a test

_FOLDER = "PARTS_FOLDER"


class Note:
    """A receiver that notes in files what it is told.

    Args:
        path: of the file for the bytes; the others have further suffixes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb", buffering=0)

    def append(self, parts: Sequence[bytes]) -> None:
        """Write bytes; fail as on a full disk where the file is called so."""
        if self._path.name.startswith("full"):
            raise StorageFull("No space.")
        self._file.write(b"".join(parts))

    def keep(self) -> None:
        """Note that what came is kept."""
        self._path.with_suffix(".kept").touch()

    def finish(self) -> None:
        """Note that the body is whole."""
        self._path.with_suffix(".whole").touch()

    def close(self) -> None:
        """Note that no more comes."""
        self._file.close()
        self._path.with_suffix(".closed").touch()


def start_worker() -> Gateway:
    """Make what a worker runs."""
    receive_parts._SECONDS = DEADLINE_SECONDS  # noqa: SLF001 - the tests need not wait for so long
    app = create_app()
    app.add_url_rule("/parts/<name>", "parts", _answer, methods=["PATCH"])
    policy = Policy(Who.ANYBODY, checked=False, body=_expect)
    declare_policies(app, "parts", {"PATCH": policy})
    return Gateway(app, threads=4)


def _expect() -> None:
    name = (current_request().view_args or {})["name"]
    expect_parts(MAX_BYTES, partial(Note, Path(os.environ[_FOLDER], name)))


def _answer(name: str) -> Response:
    with received_parts() as receiver:
        assert isinstance(receiver, Note)
        receiver.finish()
    return Response(name, 200)


if __name__ == "__main__":
    os.environ[_FOLDER] = sys.argv[1]
    os.environ["UPLOADS_DATA_DIR"] = sys.argv[1]
    os.environ["UPLOADS_METRICS_TOKEN"] = METRICS_TOKEN
    make_server("tests.faults.parts_server:start_worker", "127.0.0.1", int(sys.argv[2]), 1).serve()
