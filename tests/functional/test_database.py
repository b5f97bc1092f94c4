"""The schema, and SQLite under several writers."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from open_event_uploads.extensions import db
from open_event_uploads.models import Base
from open_event_uploads.models.unmapped import is_mapped


def test_upgrading_from_nothing_gives_what_the_models_say(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        options = {"compare_type": True, "include_name": is_mapped}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_every_constraint_has_a_name(app: Flask) -> None:
    with app.app_context():
        inspector = inspect(db.engine)
        for table in inspector.get_table_names():
            if is_mapped(table, "table") and table != "alembic_version":
                assert inspector.get_pk_constraint(table)["name"] == f"pk_{table}"


def test_downgrading_to_nothing_leaves_nothing_and_upgrading_again_works(app: Flask) -> None:
    with app.app_context():
        downgrade(revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        upgrade()
        assert "uploads" in inspect(db.engine).get_table_names()


def test_every_connection_is_durable(app: Flask) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    with app.app_context(), db.engine.connect() as connection:
        found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in expected}
    assert found == expected


def test_the_secret_key_is_generated_for_its_owner_alone(app: Flask, data_dir: Path) -> None:
    key = data_dir / "secret-key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert app.config["SECRET_KEY"] == key.read_text("ascii")
