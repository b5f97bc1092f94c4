"""An application with default settings, whose routes and schemas the pages describe."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask

from open_event_uploads.app import create_app
from open_event_uploads.settings import Settings


@cache
def application() -> Flask:
    """Return the application; it serves nothing."""
    with tempfile.TemporaryDirectory() as folder:
        return create_app(Settings(data_dir=Path(folder)))


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI description of the application."""
    app = application()
    with app.app_context():
        described: dict[str, Any] = msgspec.json.decode(app.extensions["uploads_description"]())
    return described
