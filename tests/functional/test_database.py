"""The schema: its migrations, and what the models say."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, text

from open_event_uploads.accounts.user import User
from open_event_uploads.context import current_migrations, db
from open_event_uploads.database.types import Base
from open_event_uploads.database.unmapped_tables import is_mapped
from open_event_uploads.maintenance.check_schema import check_schema
from open_event_uploads.uploads.usage import Usage
from tests.documents import COLLECTION, upload
from tests.images import picture


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


def test_files_of_before_and_after_are_found_by_their_words(
    app: Flask, client: FlaskClient
) -> None:
    upload(client, picture(), filename="sea.png", alt="Sun over the sea")
    with app.app_context():
        downgrade(revision="20261123_uploads")
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT alt FROM uploads")) == "Sun over the sea"
        upgrade()
    app.config.pop("TEST_HEADERS")  # accounts did not exist then
    client = app.test_client()
    upload(client, picture(), filename="sea.gif", alt="Moon over the sea")
    found = client.get(f"{COLLECTION}?filter[q]=sea%20sun").get_json()["data"]
    assert [each["attributes"]["filename"] for each in found] == ["sea.png"]
    assert client.get(f"{COLLECTION}?filter[q]=sea").get_json()["meta"]["count"] == 2


def test_an_older_program_works_on_a_newer_schema(app: Flask, client: FlaskClient) -> None:
    """Servers are replaced one by one, after the migration (docs/how-to/upgrade.md)."""
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE uploads ADD COLUMN later INTEGER DEFAULT 1"))
            connection.execute(text("UPDATE alembic_version SET version_num = '29991231_later'"))
        check_schema(db.engine, current_migrations())
    made = upload(client, picture())
    assert client.get(f"{COLLECTION}/{made['id']}").status_code == 200
    assert client.delete(f"{COLLECTION}/{made['id']}").status_code == 204


def test_what_is_stored_already_counts_after_the_migration(app: Flask) -> None:
    size, ada, bob = 10**12, ADA, UPLOAD
    with app.app_context():
        downgrade(revision="20261123_files")
        with db.engine.begin() as connection:
            for id_ in (ada, bob):
                connection.execute(
                    text("INSERT INTO users (id, name) VALUES (:id, 'x')"), {"id": id_}
                )
            for number, owner in enumerate([ada, ada, None]):
                connection.execute(
                    text(
                        "INSERT INTO uploads (id, key, status, filename, alt, media_type, size, "
                        "checksum, received_checksum, created_at, updated_at, version, owner_id) "
                        "VALUES (:id, :key, 'ready', 'x', '', 'image/png', :size, "
                        "'x', 'x', '2026-11-23', '2026-11-23', 1, :owner)"
                    ),
                    {
                        "id": f"{number:08}{ada[8:]}",
                        "key": str(number),
                        "size": size,
                        "owner": owner,
                    },
                )
        upgrade()
        usage = db.session.execute(select(Usage.user_id, Usage.stored_bytes, Usage.day_bytes))
        assert [(str(row[0]), *row[1:]) for row in usage] == [(ada, 2 * size, 0)]


@pytest.mark.default_stack("about SQLite")
def test_every_connection_is_durable(app: Flask) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    with app.app_context(), db.engine.connect() as connection:
        found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in expected}
    assert found == expected


@pytest.mark.default_stack("elsewhere it is given")
def test_the_secret_key_is_generated_for_its_owner_alone(app: Flask, data_dir: Path) -> None:
    key = data_dir / "secret-key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert app.config["SECRET_KEY"] == key.read_text("ascii")


def test_users_of_before_stay_as_members_without_an_email(app: Flask) -> None:
    with app.app_context():
        downgrade(revision="20261123_variants")
        with db.engine.begin() as connection:
            connection.execute(
                text("INSERT INTO users (id, name) VALUES (:id, 'Ada')"), {"id": ADA}
            )
            connection.execute(text(_UPLOAD), {"id": UPLOAD, "owner": ADA})
        upgrade()
        user = db.session.get_one(User, ADA)
        assert (user.name, user.role, user.active, user.email) == ("Ada", "member", True, None)
        assert (user.version, user.credentials_version) == (1, 1)
        assert user.created_at.year > 2000
        db.session.remove()
        downgrade(revision="20261123_variants")
        with db.engine.connect() as connection:
            assert str(connection.scalar(text("SELECT owner_id FROM uploads"))) == ADA
            columns = connection.execute(text("SELECT * FROM users")).keys()
        assert list(columns) == ["id", "name"]


ADA = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"
UPLOAD = "5a0a0f3e-7c1f-4a55-8c0b-6f0e2b9a7c22"
_UPLOAD = (
    "INSERT INTO uploads (id, owner_id, key, status, filename, alt, media_type, size, checksum, "
    "width, height, frames, created_at, updated_at) VALUES (:id, :owner, 'k', 'ready', 'f', '', "
    "'image/png', 1, 'c', 1, 1, 1, '2026-11-23 00:00:00', '2026-11-23 00:00:00')"
)
