"""Hold the parts of the current application: settings, storage and database."""

from typing import cast

from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from open_event_uploads.database.types import Base
from open_event_uploads.settings import Settings
from open_event_uploads.storage import Storage

# Objects stay readable after the commit that made them: it saves a SELECT a write.
db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
migrate = Migrate(db=db, compare_type=True)

_SETTINGS, _STORAGE = "uploads_settings", "uploads_storage"


def bind(app: Flask, settings: Settings, storage: Storage) -> None:
    """Give an application its settings and its storage."""
    app.extensions.update({_SETTINGS: settings, _STORAGE: storage})


def current_settings() -> Settings:
    """Return the settings of the current application."""
    return cast("Settings", current_app.extensions[_SETTINGS])


def current_storage() -> Storage:
    """Return the storage of the current application."""
    return cast("Storage", current_app.extensions[_STORAGE])
