"""The application, put together."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from open_event_uploads.accounts.secret_key import secret_keys
from open_event_uploads.admin import register_admin
from open_event_uploads.context import bind, current_storage, db, migrate
from open_event_uploads.database.engine import configure_engine, engine_options
from open_event_uploads.database.url import database_address
from open_event_uploads.jsonapi.body import max_document_bytes
from open_event_uploads.routes import register_api
from open_event_uploads.server.gateway import Front
from open_event_uploads.server.logs import RequestLog, configure_logs, register_request_log
from open_event_uploads.settings import WORKER_THREADS, Settings, load_settings
from open_event_uploads.storage import open_storage
from open_event_uploads.storage.capabilities import prepare_storage, spool_folder_of
from open_event_uploads.uploads.file_headers import headers_of
from open_event_uploads.uploads.public_files import register_public_files


class Application(Flask):
    """Flask, for views and hooks that are all plain functions."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Leave a function as it is: Flask would look at each at every call."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """Put the application together; nothing is shared between two of them.

    Args:
        settings: read from the environment when not given.

    Raises:
        InvalidSettings: a setting is bad; the text names it.
    """
    settings = settings or load_settings()
    log = RequestLog(configure_logs(settings.log_format), sample=settings.log_sample)
    app = Application("open_event_uploads", static_folder=None)
    storage = open_storage(settings.storage_url, settings.storage_previous_url, headers_of)
    bind(app, settings, storage)
    _configure_flask(app, settings)
    _configure_database(app, settings)
    register_request_log(app, log)
    register_api(app)
    register_admin(app)
    register_public_files(app, log)
    return app


def create_front() -> Front:
    """The application behind what receives requests: what a server of ASGI runs."""
    settings = load_settings()
    app = create_app(settings)
    with app.app_context():
        storage = current_storage()
    prepare_storage(storage)
    return Front(
        app,
        max_body_bytes=max_document_bytes(int(settings.max_bytes)),
        threads=WORKER_THREADS,
        strangers_send=settings.anonymous_uploads,
        spool_folder=spool_folder_of(storage),
    )


def _configure_flask(app: Flask, settings: Settings) -> None:
    signing, *earlier = secret_keys(settings)
    app.config["SECRET_KEY"] = signing
    app.config["SECRET_KEY_FALLBACKS"] = earlier
    # A trailing slash is the same address, and nothing redirects to where a client says.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False


def _configure_database(app: Flask, settings: Settings) -> None:
    address = database_address(settings.database_url)
    app.config["SQLALCHEMY_DATABASE_URI"] = address
    # SQLite: a connection for every thread, so that none waits for another's.
    pool_size = WORKER_THREADS if settings.embedded_database else settings.database_pool_size
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(
        address,
        pool_size=pool_size,
        statement_timeout_seconds=settings.database_statement_timeout,
        read_only=settings.read_only,
    )
    if settings.embedded_database:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    db.init_app(app)
    migrate.init_app(app, directory=str(_migrations_folder()), render_as_batch=True)
    with app.app_context():
        configure_engine(
            db.engine,
            statement_timeout_seconds=settings.database_statement_timeout,
            read_only=settings.read_only,
        )


def _migrations_folder() -> Path:
    """Inside the package when it was installed from a wheel, beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"
