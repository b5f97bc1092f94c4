"""Hold the parts of the current application: settings, storage and database."""

from pathlib import Path
from typing import cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine

from open_event_uploads.current import current_application
from open_event_uploads.database.engine import configure_engine, engine_options
from open_event_uploads.database.migrations import Migrations
from open_event_uploads.database.types import Base
from open_event_uploads.database.url import database_address
from open_event_uploads.settings import WORKER_THREADS, Settings
from open_event_uploads.storage import Storage
from open_event_uploads.storage.flush import make_durable_folder

db = SQLAlchemy(metadata=Base.metadata)

_SETTINGS, _STORAGE = "uploads_settings", "uploads_storage"
_MIGRATIONS = "migrate"  # where Flask-Migrate looks for it


def bind(app: Flask, settings: Settings, storage: Storage) -> None:
    """Give an application its settings and its storage."""
    app.extensions.update({_SETTINGS: settings, _STORAGE: storage})


def current_settings() -> Settings:
    """Return the settings of the current application."""
    return cast("Settings", current_application().extensions[_SETTINGS])


def current_storage() -> Storage:
    """Return the storage of the current application."""
    return cast("Storage", current_application().extensions[_STORAGE])


def current_migrations() -> Migrations:
    """Return the migrations of the current application."""
    return cast("Migrations", current_application().extensions[_MIGRATIONS])


def configure_database(app: Flask, settings: Settings) -> Engine:
    """Open the database of an application, by its settings."""
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
        make_durable_folder(settings.data_dir, 0o700)
    db.init_app(app)
    app.extensions[_MIGRATIONS] = Migrations(db, _migrations_folder())
    with app.app_context():
        configure_engine(
            db.engine,
            statement_timeout_seconds=settings.database_statement_timeout,
            read_only=settings.read_only,
        )
        return db.engine


def _migrations_folder() -> Path:
    """Return the folder: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"
