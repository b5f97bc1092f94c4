"""Several processes that migrate one database, or start on it, at the same time."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import inspect

from open_event_uploads.app import create_app
from open_event_uploads.context import db
from open_event_uploads.database.migration_lock import migration_lock
from open_event_uploads.database.types import Base
from open_event_uploads.database.unmapped_tables import is_mapped
from open_event_uploads.settings import load_settings
from tests.postgres import PostgresServer, database_name
from tests.server import Server, manage
from tests.stacks import SECRET_KEY, PostgresPart

pytestmark = [
    pytest.mark.server,
    pytest.mark.default_stack("starts both databases by itself"),
]

# The next migration makes its indexes concurrently on PostgreSQL.
OLDER = "20261123_private"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/uploads.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = database_name("at_once")
    yield server.create(name)
    server.drop(name)


def app_on(url: str, data_dir: Path) -> Flask:
    return create_app(load_settings(data_dir=data_dir, database_url=url, secret_key=SECRET_KEY))


def difference(url: str, data_dir: Path) -> list[object]:
    """Return what the models have and the schema has not, or the other way round."""
    with app_on(url, data_dir).app_context():
        with db.engine.connect() as connection:
            options = {"compare_type": True, "include_name": is_mapped}
            context = MigrationContext.configure(connection, opts=options)
            found = list(compare_metadata(context, Base.metadata))
        db.engine.dispose()
    return found


def upgrade_at_once(url: str, data_dir: Path, times: int) -> None:
    settings = {"UPLOADS_DATABASE_URL": url, "UPLOADS_SECRET_KEY": SECRET_KEY}
    with ThreadPoolExecutor(times) as pool:
        runs = list(pool.map(lambda _: manage(data_dir, "db", "upgrade", **settings), range(times)))
    assert [each.returncode for each in runs] == [0] * times, [each.stderr for each in runs]


def test_two_upgrades_from_nothing_both_succeed(empty_url: str, data_dir: Path) -> None:
    upgrade_at_once(empty_url, data_dir, 2)
    assert difference(empty_url, data_dir) == []


def test_an_upgrade_waits_for_whoever_migrates(empty_url: str, data_dir: Path) -> None:
    with app_on(empty_url, data_dir).app_context(), ThreadPoolExecutor(1) as pool:
        with migration_lock(db.engine):
            waiting = pool.submit(upgrade_at_once, empty_url, data_dir, 1)
            with pytest.raises(TimeoutError):
                waiting.result(3)
            assert inspect(db.engine).get_table_names() == []
        waiting.result(60)
        db.engine.dispose()
    assert difference(empty_url, data_dir) == []


def test_two_upgrades_of_an_older_version_both_succeed(
    postgres_part: PostgresPart, data_dir: Path
) -> None:
    with postgres_part.settings_of("older") as settings:
        url = str(settings["database_url"])
        with app_on(url, data_dir).app_context():
            downgrade(revision=OLDER)
            db.engine.dispose()
        upgrade_at_once(url, data_dir, 2)
        assert difference(url, data_dir) == []
        invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
        with psycopg.connect(url) as connection:
            assert connection.execute(invalid).fetchone() == (0,)


def test_a_server_that_starts_meanwhile_waits_for_the_end(
    postgres_part: PostgresPart, data_dir: Path, tmp_path: Path
) -> None:
    with postgres_part.settings_of("starts") as settings, ThreadPoolExecutor(2) as pool:
        url = str(settings["database_url"])
        with app_on(url, data_dir).app_context():
            downgrade(revision=OLDER)
            db.engine.dispose()
        with psycopg.connect(url) as writing:
            # An index that is made concurrently waits for this transaction.
            writing.execute("LOCK TABLE uploads IN ROW EXCLUSIVE MODE")
            upgrading = pool.submit(upgrade_at_once, url, data_dir, 1)
            wait_until_one_migrates(url)
            starting = pool.submit(Server, tmp_path, database_url=url, secret_key=SECRET_KEY)
            wait_for_line(tmp_path / "server.log", "another process migrates the database")
            assert not upgrading.done()
            assert not starting.done()
            writing.commit()
        upgrading.result(60)
        assert starting.result(60).stop() == 0
        assert difference(url, data_dir) == []


def wait_until_one_migrates(url: str) -> None:
    making = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%%'"
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(1000):
            if connection.execute(making).fetchone():
                return
            time.sleep(0.02)
    pytest.fail("nobody migrates")


def wait_for_line(log: Path, words: str) -> None:
    for _ in range(1000):
        if log.exists() and words in log.read_text():
            return
        time.sleep(0.02)
    pytest.fail(f"it has not said: {words}")


def test_two_servers_that_start_at_once_on_nothing_both_serve(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for each in folders:
        each.mkdir()
    data_dir = str(tmp_path / "data")
    with ThreadPoolExecutor(2) as pool:
        servers = list(pool.map(lambda folder: Server(folder, data_dir=data_dir), folders))
    tokens = [line for each in servers for line in each.log_lines() if line.startswith("  token")]
    assert [each.stop() for each in servers] == [0, 0]
    assert len(tokens) == 1
