"""Answer a plain GET of a public file without Flask: no other request is as frequent.

It gets the answer that `routes.py` would give, made by the same functions. Every other
request, and every file that cannot be found or opened, goes to the next handler.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from open_event_uploads.errors import ObjectNotFound, UploadsError
from open_event_uploads.server.asgi import Environ
from open_event_uploads.server.exchange import exchange_of
from open_event_uploads.storage import Storage
from open_event_uploads.storage.contract import check_key
from open_event_uploads.storage.keys import is_public_original
from open_event_uploads.uploads.files.find_file import find_file
from open_event_uploads.uploads.files.headers import file_headers
from open_event_uploads.uploads.files.open_file import OpenFile, open_original
from open_event_uploads.uploads.files.ranges import FileChunks
from open_event_uploads.uploads.files.routes import ROUTE
from open_event_uploads.uploads.model import UploadColumns

_PATH = "/media/"

# A request with one of these needs more than the bytes: it has credentials, a condition or a range.
_NOT_PLAIN = frozenset(
    {
        "HTTP_AUTHORIZATION",
        "HTTP_RANGE",
        "HTTP_IF_RANGE",
        "HTTP_IF_MATCH",
        "HTTP_IF_NONE_MATCH",
    }
)


class PublicFiles:
    """A handler of the pipeline.

    Args:
        engine: of the database.
        storage: of the files.
    """

    def __init__(self, engine: Engine, storage: Storage) -> None:
        self._engine = engine
        self._storage = storage

    def __call__(
        self, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes] | None:
        """Answer a request (PEP 3333), or return None."""
        path: str = environ["PATH_INFO"]
        if not (path.startswith(_PATH) and _is_plain(environ)):
            return None
        file = self._open(path.removeprefix(_PATH))
        if file is None:
            return None
        try:
            exchange_of(environ).route = ROUTE
            headers = {**file_headers(file), "Content-Length": str(file.size)}
            start_response("200 OK", list(headers.items()))
        except BaseException:
            file.reader.close()
            raise
        return FileChunks(file.reader, 0, file.size)

    def _open(self, key: str) -> OpenFile | None:
        try:
            if not is_public_original(check_key(key)):
                return None
            upload = find_file(key, may_open=_nobody, engine=self._engine)
            return open_original(upload, self._storage)
        except (ValueError, ObjectNotFound, UploadsError, SQLAlchemyError):
            return None  # the next handler meets it again, and answers


def _is_plain(environ: Environ) -> bool:
    is_get = environ["REQUEST_METHOD"] == "GET" and not environ["QUERY_STRING"]
    is_refused = exchange_of(environ).refusal is not None
    return is_get and _NOT_PLAIN.isdisjoint(environ) and not is_refused


def _nobody(_: UploadColumns) -> bool:
    return False
