"""Make applications on SQLite and a folder, or on the stack that `--stack` names."""

import gc
import io
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from open_event_uploads.app import create_app
from open_event_uploads.context import current_storage, db
from open_event_uploads.maintenance.claim_storage import claim_storage
from open_event_uploads.settings import load_settings
from tests.accounts import admin_headers
from tests.connections import ConnectionsOfRequests
from tests.documents import JSON_API
from tests.examples import register_profiles
from tests.jsonapi_document import check_response
from tests.postgres import PostgresServer
from tests.processes import end_with_the_parent
from tests.s3 import S3Server
from tests.stacks import STACKS, PostgresPart, S3Part, SqliteTemplate, is_default, s3_credentials
from tests.stored import StoredFiles, files_in_bucket, files_in_folder

AppFactory = Callable[..., Flask]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stack", choices=STACKS, default="default", help="what the application runs on"
    )


# Before modules with property tests are imported, and before Hypothesis reads the command line.
register_profiles()


def pytest_configure(config: pytest.Config) -> None:
    # A process of pytest-xdist whose pytest was killed would go on with its tests for a while.
    if hasattr(config, "workerinput"):
        end_with_the_parent()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, on another stack, the tests that run on the default one alone."""
    if is_default(config):
        return
    left_out = [each for each in items if each.get_closest_marker("default_stack")]
    items[:] = [each for each in items if each not in set(left_out)]
    config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish() -> None:
    # Thousands of tests: each full garbage collection would visit them (measured: 7 % of the time).
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in os.environ:
        if key.startswith("UPLOADS_") and not key.startswith("UPLOADS_TEST_"):
            monkeypatch.delenv(key)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One for each process of pytest: it takes seconds to start."""
    server = S3Server(tmp_path_factory.mktemp("s3") / "data")
    yield server
    server.stop()


@pytest.fixture
def s3(s3_server: S3Server) -> Iterator[S3Server]:
    """An S3 server, with its credentials in the environment."""
    with s3_credentials():
        yield s3_server


@pytest.fixture(scope="session")
def s3_part(s3_server: S3Server) -> S3Part:
    return S3Part(s3_server)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for each process of pytest."""
    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def postgres_part(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> PostgresPart:
    part = PostgresPart(postgres)
    part.prepare(tmp_path_factory.mktemp("template"))
    return part


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    return SqliteTemplate.make(tmp_path_factory.mktemp("template"))


@pytest.fixture
def stack_settings(request: pytest.FixtureRequest) -> Iterator[dict[str, object]]:
    """The settings that put an application on the stack of this run."""
    with ExitStack() as parts:
        settings: dict[str, object] = {}
        for name in STACKS[request.config.getoption("--stack")]:
            part = request.getfixturevalue(name)
            settings |= parts.enter_context(part.settings_of(request.node.name))
        yield settings


@pytest.fixture
def make_app(
    data_dir: Path, stack_settings: dict[str, object], sqlite_template: SqliteTemplate
) -> Iterator[AppFactory]:
    """Make applications whose database is migrated and whose storage is claimed.

    Their clients send the token of an admin, who may do everything, unless a test replaces it.
    """
    apps: list[Flask] = []
    watched: list[ConnectionsOfRequests] = []

    def make(**settings: object) -> Flask:
        app = create_app(load_settings(**{"data_dir": data_dir, **stack_settings, **settings}))
        apps.append(app)
        sqlite_template.migrate(app)
        with app.app_context():
            claim_storage(engine=db.engine, storage=current_storage())
            watched.append(ConnectionsOfRequests(db.engine))
        app.test_client_class = Client
        return app

    yield make
    for app in apps:
        with app.app_context():
            db.engine.dispose()
    for each in watched:
        assert not each.second, f"a request takes a second connection:\n{each.second[0]}"


@pytest.fixture
def app(make_app: AppFactory) -> Flask:
    return make_app()


# Addresses below /v1 whose answers are not JSON:API.
PLAIN = ("/v1/openapi.json", "/v1/docs", "/v1/upload/", "/v1/auth/")


class Client(FlaskClient):
    """An admin's client, which reads each answer to its end and validates JSON:API documents.

    A server reads an answer to its end, too; no file stays open.
    """

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - the client's own
        super().__init__(*args, **options)
        self.begin()

    def begin(self) -> None:
        """Send the token of an admin."""
        self.sign_in(admin_headers(self.application))

    def sign_in(self, headers: dict[str, str]) -> None:
        """Send this Authorization in each request without one of its own."""
        self.environ_base["HTTP_AUTHORIZATION"] = headers["Authorization"]

    def open(self, *args: Any, buffered: bool = True, **options: Any) -> TestResponse:  # noqa: ANN401 - the client's own
        response = super().open(*args, buffered=buffered, **options)
        if _speaks_json_api(response):
            request, headers = response.request, response.headers
            fields = {name: ", ".join(headers.getlist(name)) for name in set(headers.keys())}
            check_response(
                request.method,
                request.url,
                response.status_code,
                fields,
                response.data,
                sent=_sent(response),
            )
        return response


class Stranger(Client):
    """A client that sends no credentials."""

    def begin(self) -> None:
        """Send no token."""


def _sent(response: TestResponse) -> bytes | None:
    """Return the body of the request; None where it cannot be read again."""
    body = response.request.environ["wsgi.input"]
    if not body.seekable():
        return None
    body.seek(0)
    sent: bytes = body.read()
    return sent


def _speaks_json_api(response: TestResponse) -> bool:
    path = response.request.path
    # Resumable uploads have no document before they are whole, and by tus only for a client that
    # asks for ours; their errors are ours.
    is_resumable = path.startswith("/v1/uploads/resumable") or "Upload-Complete" in response.headers
    is_bare = is_resumable and not response.data
    ours = f"{path}/".startswith("/v1/") and not path.startswith(PLAIN) and not is_bare
    return ours or response.mimetype == JSON_API


@pytest.fixture
def log(app: Flask, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """The log of the application, from here on."""
    (handler,) = logging.getLogger(app.name).handlers
    stream = io.StringIO()
    monkeypatch.setattr(handler, "stream", stream)
    return stream


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """A client that sends no credentials."""
    return Stranger(app)


@pytest.fixture
def stored_files(data_dir: Path, stack_settings: dict[str, object]) -> StoredFiles:
    """The files in the storage; of a folder, half-written ones too."""
    if "storage_url" in stack_settings:
        return files_in_bucket(str(stack_settings["storage_url"]))
    return files_in_folder(data_dir / "storage")
