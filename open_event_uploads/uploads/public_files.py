"""Files that everybody may see, answered before Flask: nothing is asked for more often.

A plain GET of a public file needs none of what a framework does for a request. It gets the answer
that `uploads/file_routes.py` would give, made by the same functions. Every other request, and every
file that cannot be found or opened, is left to Flask.
"""

import time
from collections.abc import Iterable
from typing import Any, BinaryIO, NamedTuple

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from open_event_uploads.context import current_settings, current_storage, db
from open_event_uploads.errors import ObjectNotFound, UploadsError
from open_event_uploads.metrics import of_requests
from open_event_uploads.server.headers import ON_EVERY_ANSWER
from open_event_uploads.server.logs import REQUEST_ID_HEADER, RequestLog, new_request_id
from open_event_uploads.server.refusals import REFUSAL
from open_event_uploads.settings import ANY_ORIGIN, Settings
from open_event_uploads.storage import Storage
from open_event_uploads.storage.contract import check_key
from open_event_uploads.storage.keys import is_public_original
from open_event_uploads.uploads.file_response import FilePart, file_headers
from open_event_uploads.uploads.find_file import find_file
from open_event_uploads.uploads.model import UploadColumns
from open_event_uploads.uploads.open_file import open_original

_PATH = "/media/"
_ROUTE = "/media/<path:key>"

# What makes a request more than plain: who asks, from which origin, with a condition, for a part;
# and what was refused before anybody looked at it.
_NOT_PLAIN = frozenset(
    {
        "HTTP_AUTHORIZATION",
        "HTTP_ORIGIN",
        "HTTP_RANGE",
        "HTTP_IF_RANGE",
        "HTTP_IF_MATCH",
        "HTTP_IF_NONE_MATCH",
        REFUSAL,
    }
)


def register_public_files(app: Flask, log: RequestLog) -> None:
    """Answer plain requests before Flask does, unless the settings have every answer say more.

    Args:
        app: complete.
        log: of requests.
    """
    with app.app_context():
        settings, engine, storage = current_settings(), db.engine, current_storage()
    # Not where nginx sends the files, or where every answer says that any page may read it.
    if not settings.x_accel_prefix and ANY_ORIGIN not in settings.cors_origins:
        app.wsgi_app = PublicFiles(app.wsgi_app, settings, engine, storage, log)  # type: ignore[method-assign]  # documented (Flask, "Using Middleware")


class PublicFiles:
    """An application of WSGI before another one.

    Args:
        application: the other one.
        settings: of both.
        engine: of the database.
        storage: of the files.
        log: of requests.
    """

    def __init__(
        self,
        application: Any,  # noqa: ANN401 - of WSGI
        settings: Settings,
        engine: Engine,
        storage: Storage,
        log: RequestLog,
    ) -> None:
        self._application = application
        self._engine = engine
        self._storage = storage
        self._log = log
        self._more = {"Vary": "Origin"} if settings.cors_origins else {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - of WSGI
        """Answer a request (PEP 3333)."""
        started = time.perf_counter()
        path: str = environ["PATH_INFO"]
        is_plain = path.startswith(_PATH) and _is_plain(environ)
        file = self._found(path.removeprefix(_PATH)) if is_plain else None
        if file is None:
            return self._application(environ, start_response)  # type: ignore[no-any-return]  # of WSGI
        request_id = new_request_id()
        try:
            said = {**file.headers, **self._more, REQUEST_ID_HEADER: request_id}
            start_response("200 OK", list(said.items()))
            of_requests("GET", _ROUTE, 200).add(time.perf_counter() - started, file.size)
            self._log.write(
                method="GET",
                path=path,
                status=200,
                bytes=file.size,
                started=started,
                request_id=request_id,
            )
        except BaseException:
            file.reader.close()
            raise
        return FilePart(file.reader, 0, file.size)

    def _found(self, key: str) -> "_Found | None":
        """The file with this key; None where it is not as simple as it should be."""
        try:
            if not is_public_original(check_key(key)):
                return None
            upload = find_file(key, may_open=_nobody, engine=self._engine)
            reader = self._storage.open(key)
        except (ValueError, ObjectNotFound, UploadsError, SQLAlchemyError):
            return None  # Flask meets it again, and answers
        try:
            file = open_original(upload, reader)
            length = {"Content-Length": str(file.size)}
            return _Found(reader, file.size, ON_EVERY_ANSWER | file_headers(file) | length)
        except BaseException:
            reader.close()
            raise


class _Found(NamedTuple):
    reader: BinaryIO
    size: int
    headers: dict[str, str]


def _is_plain(environ: dict[str, Any]) -> bool:
    is_get = environ["REQUEST_METHOD"] == "GET" and not environ["QUERY_STRING"]
    return is_get and _NOT_PLAIN.isdisjoint(environ)


def _nobody(_: UploadColumns) -> bool:
    return False
