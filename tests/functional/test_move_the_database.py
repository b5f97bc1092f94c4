"""`manage.py move-database`: every row arrives, whenever it is stopped."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import downgrade
from sqlalchemy import Engine, delete, inspect, select, text, update

from open_event_uploads.accounts.revoke_session import revoke_session
from open_event_uploads.accounts.user import User
from open_event_uploads.admin.saved_filters.write import save_filter
from open_event_uploads.cli import cli
from open_event_uploads.context import current_migrations, current_storage, db
from open_event_uploads.database.engine import open_engine
from open_event_uploads.database.types import Base, new_id, now
from open_event_uploads.database.unmapped_tables import is_mapped
from open_event_uploads.errors import ForeignStorage, InvalidSettings, MoveRefused
from open_event_uploads.jsonapi.idempotency_key import IdempotencyKey
from open_event_uploads.maintenance import copy_rows, move_database
from open_event_uploads.maintenance.instance import Instance
from open_event_uploads.uploads.edits.context import EditContext
from open_event_uploads.uploads.edits.edit_one import edit_upload
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.processing import current_processing
from open_event_uploads.uploads.recount_usage import find_drift
from open_event_uploads.uploads.rows import read_upload
from tests.accounts import PASSWORD, account
from tests.conftest import AppFactory
from tests.documents import COLLECTION, JSON_API, data_uri, document, path_of, upload
from tests.images import picture
from tests.postgres import PostgresServer, database_name
from tests.resumable import append, begun
from tests.stacks import SECRET_KEY

pytestmark = pytest.mark.default_stack("moves from SQLite to PostgreSQL and back")

WORDS = ["sea", "Straße", "日本", "naïve café", "100% 'quoted' \\ \"text\""]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Of a database in which every table has rows."""
    client = app.test_client()
    ada = account(app, "Ada")
    for number, word in enumerate(WORDS):
        upload(client, picture(), filename=f"{number}.png", alt=f"{word} by number {number}")
    upload(client, picture(), visibility="private")
    sent = document({"data": data_uri(picture())})
    client.post(COLLECTION, json=sent, content_type=JSON_API, headers={"Idempotency-Key": "k"})
    made = upload(client, picture())
    client.patch(
        f"{COLLECTION}/{made['id']}",
        json=document({"alt": "changed"}, id=made["id"]),
        content_type=JSON_API,
    )
    # What has arrived of a file.
    append(client, begun(client, 100), 0, b"begun")
    # A token that a token created.
    client.post("/v1/tokens", json=document({}, type="tokens"), content_type=JSON_API)
    with app.app_context():
        revoke_session(new_id(), now(), engine=db.engine)
    with app.test_request_context("/admin/"):
        _use_pages(ada, made["id"])
    return client


def _use_pages(user_id: str, upload_id: str) -> None:
    """Leave what the pages for admins write down."""
    save_filter("Big", "least=1+MB", shared=True, user_id=user_id, engine=db.engine)
    found = read_upload(db.engine, upload_id)
    assert found is not None
    context = EditContext(db.engine, current_storage(), current_processing())
    edit_upload(found, {"caption": "New"}, versions=None, user_id=user_id, context=context)


@pytest.fixture
def here(client: FlaskClient, data_dir: Path) -> str:
    assert client
    return f"sqlite:///{data_dir / 'uploads.db'}"


@pytest.fixture
def there(postgres: PostgresServer) -> Iterator[str]:
    """The address of a database without a table."""
    name = database_name("moved")
    yield postgres.create(name)
    postgres.drop(name)


def move(app: Flask, *arguments: str) -> str:
    result = app.test_cli_runner().invoke(cli, ["move-database", *arguments])
    if result.exception:
        raise result.exception
    return result.stdout


def content(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    engine = open_engine(url, name="it", read_only=True)
    try:
        with engine.connect() as connection:
            return {
                table.name: sorted(
                    (row._asdict() for row in connection.execute(select(table))), key=str
                )
                for table in Base.metadata.sorted_tables
            }
    finally:
        engine.dispose()


def moved_app(make_app: AppFactory, url: str, app: Flask) -> Flask:
    moved = make_app(database_url=url, secret_key=SECRET_KEY)
    moved.config["TEST_HEADERS"] = app.config["TEST_HEADERS"]
    return moved


def test_every_row_is_there_afterwards_and_back_again(
    app: Flask, here: str, there: str, back: str
) -> None:
    before = content(here)
    assert all(before.values()), "a table without a row shows nothing"
    move(app, here, there)
    assert content(there) == before
    move(app, there, back)
    assert content(back) == content(here) == before


def test_the_moved_database_serves_the_same_storage(
    app: Flask, client: FlaskClient, make_app: AppFactory, here: str, there: str
) -> None:
    move(app, here, there)
    moved = moved_app(make_app, there, app).test_client()
    listed = moved.get(f"{COLLECTION}?page[size]=100").json
    assert listed == client.get(f"{COLLECTION}?page[size]=100").json
    for each in listed["data"]:  # type: ignore[index]  # it has a body
        if each["attributes"]["visibility"] == "public":
            assert moved.get(path_of(each["attributes"]["url"])).data == picture()
    credentials = {"email": "ada@example.org", "password": PASSWORD}
    assert moved.post("/auth/session", json=credentials).status_code == 200


@pytest.fixture
def back(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'back.db'}"


def test_words_are_found_in_the_moved_database_and_follow_changes(
    app: Flask, make_app: AppFactory, here: str, there: str, back: str
) -> None:
    move(app, here, there)
    move(app, there, back)
    client = app.test_client()
    for url in (there, back):
        moved = moved_app(make_app, url, app)
        other = moved.test_client()
        for word in ("sea", "Straße", "日本", "日", "café", "number", "quoted", "nothing"):
            question = {"filter[q]": word}
            expected = client.get(COLLECTION, query_string=question).json
            assert other.get(COLLECTION, query_string=question).json == expected
            made = upload(other, picture(), alt=f"another {word}")
            more = other.get(COLLECTION, query_string=question).json
            assert more["meta"]["count"] == expected["meta"]["count"] + 1  # type: ignore[index]  # they have bodies
            other.delete(f"{COLLECTION}/{made['id']}")
            assert other.get(COLLECTION, query_string=question).json == expected
        with moved.app_context():
            assert find_drift(engine=db.engine) == []
            db.session.remove()


@pytest.mark.parametrize("stopped_after", range(0, 24, 3))
def test_stopped_at_any_moment_it_goes_on_when_it_is_run_again(
    app: Flask, here: str, there: str, monkeypatch: pytest.MonkeyPatch, stopped_after: int
) -> None:
    monkeypatch.setattr(copy_rows, "_BATCH", 2)
    steps = itertools.count()

    def stop(*_: object) -> None:
        if next(steps) == stopped_after:
            raise KeyboardInterrupt

    source = open_engine(here, name="FROM", read_only=True)
    target = open_engine(there, name="TO")
    with app.app_context():
        migrations = current_migrations()
        engines = {"source": source, "target": target}
        report = move_database.survey(**engines, migrations=migrations)
        with pytest.raises(KeyboardInterrupt):
            move_database.move_database(report, **engines, migrations=migrations, progress=stop)
    source.dispose()
    target.dispose()
    facts = json.loads(move(app, here, there, "--json"))
    assert facts["to"] == "interrupted"
    assert facts["copied"] == facts["rows"] - report.copied
    assert content(there) == content(here)


def test_a_part_of_a_copy_serves_nobody(
    app: Flask, make_app: AppFactory, here: str, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(move_database, "complete_target", stop)
    with pytest.raises(SystemExit):
        move(app, here, there)
    with pytest.raises(ForeignStorage):
        make_app(database_url=there, secret_key=SECRET_KEY)


def test_run_again_it_compares_and_copies_nothing(app: Flask, here: str, there: str) -> None:
    move(app, here, there)
    facts = json.loads(move(app, here, there, "--json"))
    assert (facts["to"], facts["copied"]) == ("finished", 0)


def test_a_copy_that_is_in_use_is_left_alone(app: Flask, here: str, there: str) -> None:
    move(app, here, there)
    _write(there, "UPDATE uploads SET alt = 'changed here', version = version + 1")
    before = content(there)
    with pytest.raises(MoveRefused, match="has changed since"):
        move(app, here, there)
    assert content(there) == before


def test_the_schema_is_that_of_the_models_and_nothing_else_is_there(
    app: Flask, here: str, there: str
) -> None:
    move(app, here, there)
    engine = open_engine(there, name="it")
    names = inspect(engine).get_table_names()
    engine.dispose()
    expected = {*Base.metadata.tables, "alembic_version"}
    assert {each for each in names if is_mapped(each, "table")} == expected


def test_a_dry_run_writes_nothing(app: Flask, here: str, there: str) -> None:
    facts = json.loads(move(app, here, there, "--dry-run", "--json"))
    assert (facts["to"], facts["copied"], facts["dry_run"]) == ("empty", 0, True)
    assert facts["tables"]["uploads"] == len(WORDS) + 3
    assert "nothing written (dry run)" in move(app, here, there, "--dry-run")
    engine = open_engine(there, name="it")
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_without_a_terminal_it_prints_a_line_for_each_table(
    app: Flask, here: str, there: str
) -> None:
    lines = move(app, here, there).splitlines()
    rows = len(WORDS) + 3
    assert f"uploads copied: {rows} rows" in lines
    assert f"uploads compared: {rows} rows" in lines
    assert lines[-1].endswith("copied, all compared")


# --- What is refused --------------------------------------------------------------------------


def test_a_database_that_holds_something_else_is_left_alone(
    app: Flask, make_app: AppFactory, here: str, there: str, tmp_path: Path
) -> None:
    other = make_app(data_dir=tmp_path / "other", database_url=there, secret_key=SECRET_KEY)
    upload(other.test_client(), picture())
    before = content(there)
    with pytest.raises(MoveRefused, match="TO: it has"):
        move(app, here, there)
    assert content(there) == before


def test_tables_of_another_program_are_left_alone(app: Flask, here: str, there: str) -> None:
    _write(there, "CREATE TABLE theirs (id integer)")
    with pytest.raises(MoveRefused, match="another program"):
        move(app, here, there)


def test_an_interrupted_copy_of_another_database_is_left_alone(
    app: Flask, here: str, there: str
) -> None:
    _write(there, "CREATE TABLE moving (instance_id uuid)")
    with pytest.raises(MoveRefused, match="another database"):
        move(app, here, there)


def test_a_migrated_database_without_uploads_is_empty(
    app: Flask, make_app: AppFactory, here: str, there: str, tmp_path: Path
) -> None:
    make_app(data_dir=tmp_path / "other", database_url=there, secret_key=SECRET_KEY)
    move(app, here, there)
    assert content(there) == content(here)


def test_an_older_database_is_not_moved(app: Flask, here: str, there: str) -> None:
    with app.app_context():
        downgrade(revision="20261123_private")
    with pytest.raises(MoveRefused, match="db upgrade"):
        move(app, here, there)


@pytest.mark.parametrize(
    "statement",
    [
        update(Upload).values(alt="written meanwhile"),
        delete(IdempotencyKey),
        update(User).values(version=User.version + 1),
    ],
    ids=["changed", "deleted", "changed in passing"],
)
def test_what_is_written_to_the_source_meanwhile_is_noticed(
    app: Flask,
    here: str,
    there: str,
    monkeypatch: pytest.MonkeyPatch,
    statement: Any,  # noqa: ANN401 - any statement
) -> None:
    compare = move_database._compare  # noqa: SLF001 - a moment in between

    def write_first(*arguments: Any) -> None:  # noqa: ANN401 - whatever it takes
        with app.app_context():
            db.session.execute(statement.execution_options(synchronize_session=False))
            db.session.commit()
            db.session.remove()
        compare(*arguments)

    monkeypatch.setattr(move_database, "_compare", write_first)
    with pytest.raises(MoveRefused, match="UPLOADS_READ_ONLY"):
        move(app, here, there)
    assert _instance(there) != _instance(here)


@pytest.fixture
def addresses(here: str, there: str) -> dict[str, str]:
    return {"here": here, "there": there}


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("sqlite:////nowhere/uploads.db", "{there}", "FROM: there is no such file"),
        ("{here}", "postgresql://u:hunter2@127.0.0.1:1/x", "TO: the database cannot be used"),
        ("nonsense", "{there}", "FROM: expected"),
        ("{here}", "mysql://x/y", "TO: only SQLite and PostgreSQL"),
    ],
)
def test_an_address_that_leads_nowhere_is_named(
    app: Flask, addresses: dict[str, str], source: str, target: str, said: str
) -> None:
    with pytest.raises(InvalidSettings, match=said) as refusal:
        move(app, source.format(**addresses), target.format(**addresses))
    assert "hunter2" not in str(refusal.value)


def _write(url: str, statement: str) -> None:
    engine: Engine = open_engine(url, name="it")
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _instance(url: str) -> str:
    engine = open_engine(url, name="it", read_only=True)
    with engine.connect() as connection:
        found = connection.scalars(select(Instance.id)).one()
    engine.dispose()
    return found
