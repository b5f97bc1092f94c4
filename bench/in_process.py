"""Run the application in this process, with a database of its own and without a log."""

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade

from bench.workload import MEDIA_TYPE
from open_event_uploads.accounts.create_token import NewToken, create_token
from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.app import create_app
from open_event_uploads.context import current_storage, db
from open_event_uploads.maintenance.claim_storage import claim_storage
from open_event_uploads.settings import load_settings


def make_product(folder: Path) -> Flask:
    """Return the application, on a new database in a folder."""
    app = create_app(load_settings(data_dir=folder / "product", rate_limits="1000000000/minute"))
    with app.app_context():
        upgrade()
        claim_storage(engine=db.engine, storage=current_storage())
    return app


def authorization() -> str:
    """Create an admin in the current application, and return its Authorization header."""
    admin = create_user(NewUser("Bench", role="admin"), engine=db.engine)
    secret = create_token(NewToken(admin.id), engine=db.engine).secret
    db.session.remove()
    return f"Bearer {secret}"


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Discard the log of an application that is made and used within this context."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        yield


def environ_of(
    method: str, path: str, authorized: str, *, query: str = "", body: bytes = b""
) -> dict[str, Any]:
    """Return the environment of a request, as the gateway passes it to Flask (PEP 3333).

    Args:
        method: of HTTP.
        path: of the address.
        authorized: the Authorization header; empty for none.
        query: of the address, without the question mark.
        body: a document.
    """
    who = {"HTTP_AUTHORIZATION": authorized} if authorized else {}
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_ACCEPT": MEDIA_TYPE,
        **who,
        "CONTENT_TYPE": MEDIA_TYPE,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": io.StringIO(),
    }
