"""Keep the current presets in the memory of each process for about a second."""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import cast

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from open_event_uploads.context import db
from open_event_uploads.current import current_application
from open_event_uploads.database.read import Query
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.variants.model import SavedPreset, SavedPresetRow

_ALL = Query(select(SavedPreset).order_by(SavedPreset.name), SavedPresetRow)

_EXTENSION = "uploads_presets"

# How long a process may use presets that another one has changed meanwhile.
_MAX_AGE_SECONDS = 1.0


@dataclass(slots=True)
class _PresetCache:
    presets: tuple[Preset, ...] | None = None
    expires: float = 0.0
    lock: Lock = field(default_factory=Lock)


def register_presets(app: Flask) -> None:
    """Load the presets before the first request and cache them from then on."""
    app.extensions[_EXTENSION] = _PresetCache()
    app.before_request(_load_presets)


def _load_presets() -> None:
    """Read the presets once, before the first request holds a connection.

    If each of many requests held a connection and waited for a second one, none would get it.
    """
    cache = _cache()
    if cache.presets is None:
        with cache.lock, suppress(SQLAlchemyError):  # whatever needs them will raise it again
            if cache.presets is None:
                _read_presets(cache)


def current_presets(*, fresh: bool = False) -> tuple[Preset, ...]:
    """Return every preset, ordered by name; `fresh` ones are read from the database."""
    cache = _cache()
    if cache.presets is None or fresh:
        return _read_presets(cache)
    # One thread queries and the others use the old presets: each query takes a connection.
    if time.monotonic() > cache.expires and cache.lock.acquire(blocking=False):
        try:
            return _read_presets(cache)
        finally:
            cache.lock.release()
    return cache.presets


def _cache() -> _PresetCache:
    return cast("_PresetCache", current_application().extensions[_EXTENSION])


def _read_presets(cache: _PresetCache) -> tuple[Preset, ...]:
    # From the engine: the request's transaction may see an older snapshot.
    cache.presets = tuple(map(Preset.from_row, _ALL.all(db.engine)))
    cache.expires = time.monotonic() + _MAX_AGE_SECONDS
    return cache.presets
