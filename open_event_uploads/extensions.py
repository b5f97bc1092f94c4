"""What the application is assembled from, unbound; and the way back to it from a request."""

import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import cast

from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from open_event_uploads.media.preset import Preset
from open_event_uploads.media.treatment import Treatment
from open_event_uploads.models import Base, SavedPreset
from open_event_uploads.settings import Settings
from open_event_uploads.storage import Storage

# Rows stay readable after the commit that made them: it saves a SELECT a write.
db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
migrate = Migrate(db=db, compare_type=True)

_SETTINGS, _STORAGE, _PRESETS = "uploads_settings", "uploads_storage", "uploads_presets"

# How long a process may go by presets that another one has changed since.
_PRESETS_KEPT_SECONDS = 1.0


def bind(app: Flask, settings: Settings, storage: Storage) -> None:
    """Give an application the settings and the storage it works with."""
    app.extensions.update({_SETTINGS: settings, _STORAGE: storage, _PRESETS: _KeptPresets()})


def current_settings() -> Settings:
    """The settings of the application at work."""
    return cast("Settings", current_app.extensions[_SETTINGS])


def current_storage() -> Storage:
    """The storage of the application at work."""
    return cast("Storage", current_app.extensions[_STORAGE])


def know_presets() -> None:
    """Read the presets for the first time, if nobody has.

    Before a request holds a connection: if each of many held one and waited for a second, none
    would ever come.
    """
    kept = cast("_KeptPresets", current_app.extensions[_PRESETS])
    if kept.found is None:
        with kept.lock, suppress(SQLAlchemyError):  # whoever needs them will find out
            if kept.found is None:
                _read_presets(kept)


def current_presets(*, fresh: bool = False) -> tuple[Preset, ...]:
    """Every named size, by name; asked of the database about once a second.

    Args:
        fresh: ask now.
    """
    kept = cast("_KeptPresets", current_app.extensions[_PRESETS])
    if kept.found is None or fresh:
        return _read_presets(kept)
    # One thread asks, and the others go by what is known: each question takes a connection.
    if time.monotonic() > kept.until and kept.lock.acquire(blocking=False):
        try:
            return _read_presets(kept)
        finally:
            kept.lock.release()
    return kept.found


@dataclass(slots=True)
class _KeptPresets:
    """What a process knows of presets, and until when it goes by that."""

    found: tuple[Preset, ...] | None = None
    until: float = 0.0
    lock: Lock = field(default_factory=Lock)


def _read_presets(kept: _KeptPresets) -> tuple[Preset, ...]:
    # On a connection of its own: the request's transaction may have another view of the database.
    with Session(db.engine) as session:
        saved = session.scalars(select(SavedPreset).order_by(SavedPreset.name))
        kept.found = tuple(Preset.of(each) for each in saved)
    kept.until = time.monotonic() + _PRESETS_KEPT_SECONDS
    return kept.found


def current_treatment(*, other_files: bool = False) -> Treatment:
    """What is done with files that come in, as the settings say.

    Args:
        other_files: whether they may be other files than images, where the settings allow that.
    """
    settings = current_settings()
    return Treatment(
        replace(settings.policy, file_types=settings.file_types if other_files else frozenset()),
        strips=settings.metadata == "strip",
        presets=current_presets() if settings.variants == "eager" else (),
        lease=settings.expires_after,
    )
