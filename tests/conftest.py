"""The application as it really is: SQLite migrated by Alembic, files in a folder."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from werkzeug.test import TestResponse

from open_event_uploads.app import create_app
from open_event_uploads.extensions import current_storage, db
from open_event_uploads.services.claim_storage import claim_storage
from open_event_uploads.settings import load_settings

AppFactory = Callable[..., Flask]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("DATA_DIR", "DATABASE_URL", "STORAGE_URL", "PUBLIC_URL", "SECRET_KEY"):
        monkeypatch.delenv(f"UPLOADS_{key}", raising=False)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def make_app(data_dir: Path) -> Iterator[AppFactory]:
    """Make an application whose database is migrated and whose storage is claimed."""
    apps: list[Flask] = []

    def make(**settings: object) -> Flask:
        app = create_app(load_settings(**{"data_dir": data_dir, **settings}))
        apps.append(app)
        with app.app_context():
            upgrade()
            claim_storage(session=db.session(), storage=current_storage())
        return app

    yield make
    for app in apps:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(make_app: AppFactory) -> Flask:
    return make_app()


class BufferedClient(FlaskClient):
    """Reads every answer to its end, as a server does, so that no file stays open."""

    def open(self, *args: Any, buffered: bool = True, **options: Any) -> TestResponse:  # noqa: ANN401 - the client's own
        return super().open(*args, buffered=buffered, **options)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.test_client_class = BufferedClient
    return app.test_client()


@pytest.fixture
def stored_files(data_dir: Path) -> Callable[[], list[Path]]:
    """Every file in the storage, half-written ones included."""

    def listing() -> list[Path]:
        found = (data_dir / "storage").rglob("*")
        return sorted(each for each in found if each.is_file() and each.name != "instance")

    return listing
