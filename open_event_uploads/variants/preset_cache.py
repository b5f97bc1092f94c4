"""The presets in force, kept in memory by each process for about a second."""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import cast

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from open_event_uploads.context import db
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.variants.model import SavedPreset

_PRESETS = "uploads_presets"

# How long a process may work with presets that another one has changed since.
_KEPT_SECONDS = 1.0


@dataclass(slots=True)
class _PresetCache:
    found: tuple[Preset, ...] | None = None
    until: float = 0.0
    lock: Lock = field(default_factory=Lock)


def register_presets(app: Flask) -> None:
    """Load the presets before the first request, and keep them from then on."""
    app.extensions[_PRESETS] = _PresetCache()
    app.before_request(_load_presets)


def _load_presets() -> None:
    """Read the presets for the first time, unless another request has.

    This runs before a request holds a connection: if each of many requests held one and waited for
    a second one, none would ever get it.
    """
    cache = _cache()
    if cache.found is None:
        with cache.lock, suppress(SQLAlchemyError):  # the code that needs them meets the error
            if cache.found is None:
                _read_presets(cache)


def current_presets(*, fresh: bool = False) -> tuple[Preset, ...]:
    """Return every named size, in the order of names.

    Args:
        fresh: ask the database now, not about once a second.
    """
    cache = _cache()
    if cache.found is None or fresh:
        return _read_presets(cache)
    # One thread asks and the others use what is known: each query takes a connection.
    if time.monotonic() > cache.until and cache.lock.acquire(blocking=False):
        try:
            return _read_presets(cache)
        finally:
            cache.lock.release()
    return cache.found


def _cache() -> _PresetCache:
    return cast("_PresetCache", current_app.extensions[_PRESETS])


def _read_presets(cache: _PresetCache) -> tuple[Preset, ...]:
    # On a connection of its own: the request's transaction may see an older snapshot.
    with Session(db.engine) as session:
        saved = session.scalars(select(SavedPreset).order_by(SavedPreset.name))
        cache.found = tuple(Preset.of(each) for each in saved)
    cache.until = time.monotonic() + _KEPT_SECONDS
    return cache.found
