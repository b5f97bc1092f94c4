"""PostgreSQL: the start, connections that die, waits that end, many who write at once."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import downgrade, upgrade
from psycopg.pq import TransactionStatus
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from open_event_uploads.context import db
from open_event_uploads.database import postgresql
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.recount_usage import find_drift
from tests.admins import Visitor, admin_in
from tests.blocked import counted
from tests.conftest import AppFactory
from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, upload
from tests.images import picture
from tests.postgres import PostgresServer, database_name
from tests.server import Server, manage
from tests.stacks import SECRET_KEY, PostgresPart

pytestmark = pytest.mark.default_stack("starts PostgreSQL by itself, wherever the rest runs")


@pytest.fixture
def stack_settings(
    postgres_part: PostgresPart, request: pytest.FixtureRequest
) -> Iterator[dict[str, object]]:
    with postgres_part.settings_of(request.node.name) as settings:
        yield settings


@pytest.fixture
def url(stack_settings: dict[str, object]) -> str:
    return str(stack_settings["database_url"])


def start(data_dir: Path, url: str) -> tuple[str, float]:
    """What a start with this address says, and how many seconds it takes to say it."""
    begun = time.monotonic()
    result = manage(data_dir, "serve", UPLOADS_DATABASE_URL=url, UPLOADS_SECRET_KEY=SECRET_KEY)
    assert result.returncode == 2, result.stderr
    return result.stderr, time.monotonic() - begun


# --- The start --------------------------------------------------------------------------------


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.server
@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("postgresql://uploads:hunter2hunter2@127.0.0.1:{port}/uploads", "password authentication"),
        ("postgres://uploads:{password}@127.0.0.1:{port}/nowhere", '"nowhere" does not exist'),
        ("postgresql+psycopg://uploads:hunter2hunter2@127.0.0.1:1/uploads", "refused"),
        ("postgresql://uploads:hunter2hunter2@127.0.0.1:{silent}/uploads", "timeout"),
        ("postgresql://uploads:hunter2hunter2@db.invalid/uploads", "db.invalid"),
        ("postgresql://uploads:hunter2hunter2@127.0.0.1:{port}/postgres?sslmode=require", "SSL"),
        ("postgresql://uploads:hunter2hunter2@127.0.0.1/uploads?sslmod=require", "sslmod"),
        ("postgresql://uploads:hunter2@hunter2hunter2@127.0.0.1/uploads", "%40"),
        ("postgresql://uploads:hunter2hunter2@127.0.0.1:port/uploads", "expected"),
        ("mysql://uploads:hunter2hunter2@127.0.0.1/uploads", "only SQLite and PostgreSQL"),
        ("postgresql://uploads:{password}@127.0.0.1:{port}/postgres", "db upgrade"),
    ],
)
def test_a_start_that_cannot_succeed_says_why_in_one_line_and_soon(
    data_dir: Path, postgres: PostgresServer, silent_port: int, address: str, answer: str
) -> None:
    facts = {"port": postgres.port, "silent": silent_port, "password": postgres.password}
    said, seconds = start(data_dir, address.format(**facts))
    assert "UPLOADS_DATABASE_URL: " in said
    assert answer in said
    assert len(said.splitlines()) == 1
    assert "hunter2" not in said
    assert postgres.password not in said
    assert seconds < 10


@pytest.mark.server
@pytest.mark.parametrize("how", ["ENCODING 'UTF8' LOCALE 'C'", "ENCODING 'SQL_ASCII' LOCALE 'C'"])
def test_a_database_that_knows_no_letters_is_refused(
    data_dir: Path, postgres: PostgresServer, how: str
) -> None:
    """Words in other alphabets would not be found, and nobody would know why."""
    name = database_name("letters")
    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {how} TEMPLATE template0")
    said, _ = start(data_dir, postgres.url(name))
    postgres.drop(name)
    assert "UPLOADS_DATABASE_URL: the database needs the encoding UTF8" in said
    assert len(said.splitlines()) == 1


@pytest.fixture
def server(url: str, tmp_path: Path) -> Iterator[Server]:
    settings = {"database_url": url, "secret_key": SECRET_KEY}
    names = {f"UPLOADS_{name.upper()}": value for name, value in settings.items()}
    token = manage(tmp_path / "data", "token", "create", "--role", "admin", **names)
    assert token.returncode == 0, token.stderr
    running = Server(tmp_path, **settings)
    running.token = token.stdout.strip()
    yield running
    running.stop()


@pytest.mark.server
def test_the_next_request_after_a_restart_of_the_database_works(
    server: Server, postgres: PostgresServer
) -> None:
    def status(_: int) -> int:
        return server.get(COLLECTION)[0]

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(status, range(64))) == {200}
        postgres.stop()
        postgres.start()
        assert set(pool.map(status, range(64))) == {200}


# --- Waits that end ---------------------------------------------------------------------------


def test_while_the_database_is_away_the_answer_is_503_and_comes_soon(
    client: FlaskClient, postgres: PostgresServer
) -> None:
    postgres.stop()
    try:
        begun = time.monotonic()
        response = client.get(COLLECTION)
        assert time.monotonic() - begun < 10
    finally:
        postgres.start()
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert only_error(response)["code"] == "database-unavailable"
    assert client.get(COLLECTION).status_code == 200


def test_a_statement_that_waits_too_long_is_given_up(make_app: AppFactory, url: str) -> None:
    client = make_app(database_statement_timeout=1).test_client()
    upload(client, picture())
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE uploads IN ACCESS EXCLUSIVE MODE")
        begun = time.monotonic()
        response = client.get(COLLECTION)
        assert 0.9 < time.monotonic() - begun < 5
        assert only_error(response)["code"] == "database-unavailable"
    assert client.get(COLLECTION).status_code == 200


def test_migrations_may_take_longer_than_a_statement(make_app: AppFactory, url: str) -> None:
    app = make_app(database_statement_timeout=1)
    with app.app_context():
        db.engine.dispose()
        with psycopg.connect(url) as other, ThreadPoolExecutor(1) as pool:
            other.execute("LOCK TABLE presets IN ACCESS EXCLUSIVE MODE")
            going = pool.submit(_migrate_down, app)
            time.sleep(1.5)
            assert not going.done()
            other.rollback()
            going.result(30)


def _migrate_down(app: Flask) -> None:
    with app.app_context():
        downgrade(revision="20261123_usage")


def test_a_standby_is_a_database_that_is_unavailable(app: Flask, url: str) -> None:
    client = app.test_client()
    with app.app_context():
        name = db.engine.url.database
        db.engine.dispose()
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    sent = document({"data": data_uri(picture())})
    response = client.post(COLLECTION, json=sent, content_type=JSON_API)
    assert (response.status_code, only_error(response)["code"]) == (503, "database-unavailable")
    assert client.get(COLLECTION).json["data"] == []  # type: ignore[index]  # it has a body


def test_connections_say_whose_they_are_and_an_address_may_say_otherwise(
    make_app: AppFactory, url: str
) -> None:
    names = []
    for address in (url, f"{url}&application_name=mine&options=-c%20work_mem%3D5MB"):
        with make_app(database_url=address).app_context():
            shown = [
                db.session.scalar(text(f"SHOW {name}"))
                for name in ("application_name", "statement_timeout", "work_mem")
            ]
            names.append(shown)
            db.session.remove()
    assert names == [["open-event-uploads", "30s", "4MB"], ["mine", "30s", "5MB"]]


def test_more_threads_than_connections_take_turns(make_app: AppFactory) -> None:
    app = make_app(database_pool_size=2)
    upload(app.test_client(), picture())
    fresh = make_app(database_pool_size=2)
    headers = {"Authorization": app.test_client().environ_base["HTTP_AUTHORIZATION"]}
    gate = threading.Barrier(64)

    def status(_: int) -> int:
        gate.wait()
        return FlaskClient(fresh).get(COLLECTION, headers=headers).status_code

    begun = time.monotonic()
    with ThreadPoolExecutor(64) as pool:
        assert set(pool.map(status, range(64))) == {200}
    assert time.monotonic() - begun < 10


def test_a_thread_that_waits_for_the_database_is_blocked(make_app: AppFactory) -> None:
    client = make_app().test_client()
    client.get(COLLECTION)  # connects
    with counted() as blocked:
        assert client.get(COLLECTION).status_code == 200
    assert blocked.begun > 0


def test_each_request_needs_one_connection_at_a_time(
    make_app: AppFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With two connections for 16 threads, requests that need a second one would wait forever."""
    monkeypatch.setattr(postgresql, "_OVERFLOW", 0)
    app = make_app(database_pool_size=2, rate_limits="off")
    id_ = upload(app.test_client(), picture())["id"]
    headers = {"Authorization": app.test_client().environ_base["HTTP_AUTHORIZATION"]}
    admin = admin_in(app)
    cookie = admin.get_cookie("uploads_admin", path="/admin")
    assert cookie is not None
    related = {"variants": {"data": [{"type": "variants", "id": f"{id_}-thumbnail"}]}}
    new = document({"data": data_uri(picture())}, relationships=related)
    url, owner = f"{COLLECTION}/{id_}", {"include": "owner,variants"}
    gate = threading.Barrier(16)
    statuses = Counter[tuple[str, int]]()

    def live(number: int) -> None:
        client, visitor = FlaskClient(app), Visitor(app)
        visitor.set_cookie("uploads_admin", cookie.value, path="/admin")
        visitor.token = admin.token
        gate.wait()
        for turn in range(4):
            change = document({"alt": f"{number} {turn}"}, id=id_)
            key = {"Idempotency-Key": f'"{number}-{turn}"'}
            options = {"query_string": owner, "content_type": JSON_API}
            answers = {
                "edit": visitor.send(f"/admin/uploads/{id_}", alt=f"{number} {turn}"),
                "wrong": visitor.send(f"/admin/uploads/{id_}", alt="a" * 10**4),
                "patch": client.patch(url, json=change, headers=headers, **options),
                "post": client.post(COLLECTION, json=new, headers={**headers, **key}, **options),
                "list": client.get(COLLECTION, query_string=owner, headers=headers),
                "variant": client.get(
                    f"/v1/variants/{id_}-thumbnail?include=upload.owner", headers=headers
                ),
            }
            for what, answer in answers.items():
                statuses[what, answer.status_code] += 1

    begun = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(live, range(16)))
    assert time.monotonic() - begun < 60
    # An edit that can be undone overwrites nothing that came after it was begun.
    statuses["edit", 303] += statuses.pop(("edit", 412), 0)
    expected = {"edit": 303, "wrong": 422, "patch": 200, "post": 201, "list": 200, "variant": 200}
    assert statuses == dict.fromkeys(expected.items(), 64)


# --- Migrations beside traffic ----------------------------------------------------------------


def test_an_index_is_made_while_others_write(app: Flask, url: str) -> None:
    """CREATE INDEX would wait for who is writing, and everybody else for it."""
    with app.app_context():
        downgrade(revision="20261123_private")
    with psycopg.connect(url) as writing, ThreadPoolExecutor(1) as pool:
        writing.execute(_ROW.format(1))
        going = pool.submit(_upgrade, app)
        _wait_for_index(url)
        with psycopg.connect(url) as another:
            another.execute("SET lock_timeout = '2s'")
            another.execute(_ROW.format(2))
        assert not going.done()
        assert writing.info.transaction_status == TransactionStatus.INTRANS
        writing.commit()
        going.result(30)
    with psycopg.connect(url) as connection:
        invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
        assert connection.execute(invalid).fetchone() == (0,)


def _upgrade(app: Flask) -> None:
    with app.app_context():
        upgrade()


def _wait_for_index(url: str) -> None:
    waiting = (
        "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%%' "
        "AND wait_event_type = 'Lock'"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(500):
            if connection.execute(waiting).fetchone():
                return
            time.sleep(0.02)
    pytest.fail("no index is being made")


_ROW = (
    "INSERT INTO uploads (id, key, status, filename, alt, media_type, size, checksum, "
    "received_checksum, created_at, updated_at) VALUES (gen_random_uuid(), 'k{}', 'ready', 'f', "
    "'', 'image/png', 1, 'c', 'c', now(), now())"
)


# --- Many who write at once -------------------------------------------------------------------


def test_many_who_create_change_and_delete_at_once(make_app: AppFactory) -> None:
    app = make_app(rate_limits="off", quota_bytes=10**9)
    headers = {"Authorization": app.test_client().environ_base["HTTP_AUTHORIZATION"]}
    shared = upload(app.test_client(), picture())["id"]
    statuses = Counter[tuple[str, int]]()

    def live(number: int) -> None:
        client = FlaskClient(app)
        sent = document({"data": data_uri(picture()), "alt": f"of {number}"})
        options = {"headers": headers, "content_type": JSON_API}
        for turn in range(6):
            made = client.post(COLLECTION, json=sent, **options)
            mine = f"{COLLECTION}/{made.json['data']['id']}"  # type: ignore[index]  # it has a body
            tag = client.get(f"{COLLECTION}/{shared}", headers=headers).headers["ETag"]
            change = client.patch(
                f"{COLLECTION}/{shared}",
                json=document({"alt": f"{number} {turn}"}, id=shared),
                headers={**headers, "If-Match": tag},
                content_type=JSON_API,
            )
            gone = client.delete(mine, headers=headers)
            for what, answer in (("post", made), ("patch", change), ("delete", gone)):
                statuses[what, answer.status_code] += 1

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(live, range(12)))
    assert (statuses["post", 201], statuses["delete", 204]) == (72, 72)
    assert set(statuses) <= {("post", 201), ("delete", 204), ("patch", 200), ("patch", 412)}
    with app.app_context():
        (left,) = db.session.scalars(select(Upload)).all()
        # Each change that was confirmed is one version: none was lost.
        assert (left.id, left.version) == (shared, 1 + statuses["patch", 200])
        assert find_drift(engine=db.engine) == []
        db.session.remove()


def test_a_quota_holds_however_many_write(make_app: AppFactory) -> None:
    size = len(picture())
    app = make_app(rate_limits="off", quota_bytes=5 * size)
    headers = {"Authorization": app.test_client().environ_base["HTTP_AUTHORIZATION"]}
    sent = document({"data": data_uri(picture())})
    gate = threading.Barrier(16)

    def send(_: int) -> int:
        gate.wait()
        return (
            FlaskClient(app)
            .post(COLLECTION, json=sent, headers=headers, content_type=JSON_API)
            .status_code
        )

    with ThreadPoolExecutor(16) as pool:
        assert Counter(pool.map(send, range(16))) == {201: 5, 403: 11}


def test_a_database_that_is_dropped_under_an_engine_is_an_operational_error(
    make_app: AppFactory, postgres: PostgresServer
) -> None:
    name = database_name("gone")
    app = make_app(database_url=postgres.create(name))
    postgres.drop(name)
    with app.app_context(), pytest.raises(OperationalError):
        db.session.execute(text("SELECT 1"))
