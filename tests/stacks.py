"""Choose what the application runs on in the tests: `pytest --stack …`."""

import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pytest
from boto3.session import Session
from botocore.session import get_session
from flask import Flask
from flask_migrate import upgrade

from open_event_uploads.app import create_app
from open_event_uploads.context import db
from open_event_uploads.settings import load_settings
from tests.postgres import PostgresServer, database_name
from tests.s3 import ENVIRONMENT, S3Server

SECRET_KEY = "of the tests and of nobody else " * 3
_TEMPLATE = "migrated"


class Part(Protocol):
    """A server that a stack needs, started once in each process of pytest."""

    def settings_of(self, test: str) -> AbstractContextManager[dict[str, object]]:
        """Return the settings of one test, which uses the part alone meanwhile."""


@dataclass(frozen=True, slots=True)
class SqliteTemplate:
    """A database file that was migrated once, to copy (migrating takes 70 ms, a copy 1 ms)."""

    file: Path

    @classmethod
    def make(cls, folder: Path) -> "SqliteTemplate":
        """Migrate a database in an empty folder."""
        app = create_app(load_settings(data_dir=folder))
        with app.app_context():
            upgrade()
            db.engine.dispose()
        return cls(folder / "uploads.db")

    def migrate(self, app: Flask) -> None:
        """Give an application a migrated database: a copy, where it has none yet."""
        address = app.config["SQLALCHEMY_DATABASE_URI"]
        file = Path(address.database)
        if address.get_backend_name() != "sqlite" or file.exists():
            with app.app_context():
                upgrade()
            return
        shutil.copyfile(self.file, file)
        # A storage belongs to one database: two copies must not pass for each other.
        connection = sqlite3.connect(file)
        connection.execute("UPDATE instance SET id = ?", [str(uuid.uuid4())])
        connection.commit()
        connection.close()


@dataclass(frozen=True, slots=True)
class PostgresPart:
    """PostgreSQL: each test has a database, copied from one that was migrated once."""

    server: PostgresServer

    def prepare(self, data_dir: Path) -> None:
        """Make the database that the others are copied from."""
        url = self.server.create(_TEMPLATE)
        app = create_app(load_settings(data_dir=data_dir, database_url=url, secret_key=SECRET_KEY))
        with app.app_context():
            upgrade()
            db.engine.dispose()

    @contextmanager
    def settings_of(self, test: str) -> Iterator[dict[str, object]]:
        name = database_name(test)
        url = self.server.create(name, _TEMPLATE)
        try:
            yield {"database_url": url, "secret_key": SECRET_KEY}
        finally:
            self.server.drop(name)


@dataclass(frozen=True, slots=True)
class S3Part:
    """S3: each test has a part of the bucket."""

    server: S3Server

    @contextmanager
    def settings_of(self, test: str) -> Iterator[dict[str, object]]:  # noqa: ARG002 - as `Part`
        with s3_credentials():
            yield {"storage_url": self.server.url(), "secret_key": SECRET_KEY}


@contextmanager
def s3_credentials() -> Iterator[None]:
    """Let this process use the S3 server meanwhile."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in ENVIRONMENT.items():
            patched.setenv(name, value)
        patched.setattr("open_event_uploads.storage.s3_client.Session", _session)
        yield


def _session() -> Session:
    """Make a session; what it reads from disk, a tenth of a second's work, is read once."""
    core = get_session()
    core.register_component("data_loader", _loader())
    return Session(botocore_session=core)


@cache
def _loader() -> Any:  # noqa: ANN401 - botocore ships no types
    return get_session().get_component("data_loader")


# What each stack has instead of SQLite and a folder, by the name of the fixture that starts it.
STACKS = {
    "default": (),
    "postgres": ("postgres_part",),
    "s3": ("s3_part",),
    "cloud": ("postgres_part", "s3_part"),
}


def is_default(config: pytest.Config) -> bool:
    """Return whether the tests run on SQLite and a folder."""
    return not STACKS[config.getoption("--stack")]
