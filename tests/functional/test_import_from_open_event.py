"""`manage.py import --from open-event`, on a database with the tables of its models."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
)

from open_event_uploads.errors import OperatorError
from open_event_uploads.maintenance.import_sources.open_event import local_path
from tests.accounts import account
from tests.documents import path_of
from tests.functional.test_import_and_export import listed, run
from tests.functional.test_import_old_addresses import addresses
from tests.images import picture
from tests.postgres import database_name

SITE = "https://api.example.org"
EVENT = "/static/media/events/5f0c/"
WIDE = ("original_image_url", "large_image_url", "thumbnail_image_url", "icon_image_url")
SQUARE = ("thumbnail_image_url", "small_image_url", "icon_image_url")


def texts(*names: str) -> list[Column[str]]:
    return [Column(name, String) for name in names]


def times(*names: str) -> list[Column[datetime]]:
    return [Column(name, DateTime(timezone=True)) for name in names]


def number(name: str, target: str | None = None) -> Column[int]:
    return Column(name, Integer, *([ForeignKey(target)] if target else []))


def key() -> Column[int]:
    return Column("id", Integer, primary_key=True)


TABLES = MetaData()
# As in `app/models/` of the Open Event Server: the columns that tell of pictures and owners.
USERS = Table(
    "users", TABLES, key(),
    *texts("_email", "avatar_url", "first_name", "last_name", "public_name"),
    *texts("original_image_url", *SQUARE), *times("created_at", "deleted_at"),
)  # fmt: skip
EVENTS = Table(
    "events", TABLES, key(), *texts("identifier", "name", "logo_url", *WIDE, "privacy", "state"),
    *times("created_at", "deleted_at"),
)  # fmt: skip
ROLES = Table("roles", TABLES, key(), *texts("name", "title_name"))
EVENT_ROLES = Table(
    "users_events_roles", TABLES, key(), number("event_id", "events.id"),
    number("user_id", "users.id"), number("role_id", "roles.id"),
)  # fmt: skip
SPEAKERS = Table(
    "speaker", TABLES, key(), *texts("name", "photo_url", *SQUARE, "email"),
    number("event_id", "events.id"), number("user_id", "users.id"),
    *times("created_at", "modified_at", "deleted_at"),
)  # fmt: skip
SPONSORS = Table(
    "sponsors", TABLES, key(), *texts("name", "description", "url", "logo_url", "type"),
    number("level"), number("event_id", "events.id"), *times("deleted_at"),
)  # fmt: skip
PLACEHOLDERS = Table(
    "custom_placeholders", TABLES, key(), *texts("name", *WIDE, "copyright", "origin")
)


def fill(engine: Engine) -> None:
    """Insert two events, the second without an owner; who speaks there and who pays for it."""
    created = datetime(2019, 5, 6, 7, 8, 9, tzinfo=UTC)
    wide = dict(zip(WIDE, [f"{SITE}{EVENT}{size}/h/a.jpg" for size in "olti"], strict=True))
    # Its smaller images could not be made.
    shared = dict.fromkeys(WIDE, f"{SITE}/static/media/custom-placeholders/1/original/h/p.png")
    photo = f"{SITE}/static/media/events/1/speakers/1/photo/h/eve.png"
    square = {name: photo.replace("photo", name[:5]) for name in SQUARE}
    rows: dict[Table, list[dict[str, object]]] = {
        USERS: [
            {"id": 1, "_email": "Ada@example.org", "first_name": "Ada", "last_name": "L"},
            {"id": 2, "_email": "eve@example.org", "public_name": "Eve"},
            {
                "id": 3,
                "_email": "gone@example.org",
                "avatar_url": f"{SITE}/static/media/users/3/avatar/h/x.png",
                "deleted_at": created,
            },
        ],
        ROLES: [{"id": 1, "name": "organizer"}, {"id": 2, "name": "owner"}],
        EVENTS: [
            {"id": 1, "name": "FOSS Summit", "created_at": created, **wide,
             "logo_url": "https://static.example.org/media/events/1/logo/h/logo%20a.png"},
            {"id": 2, "name": "Meetup", **shared},
        ],
        EVENT_ROLES: [
            {"id": 1, "event_id": 1, "user_id": 2, "role_id": 1},
            {"id": 2, "event_id": 1, "user_id": 1, "role_id": 2},
        ],
        SPEAKERS: [
            {"id": 1, "name": "Eve", "photo_url": photo, **square, "event_id": 1, "user_id": 2},
            {"id": 2, "name": "Zoe", "event_id": 1,
             "photo_url": "https://www.gravatar.com/avatar/0"},
            {"id": 3, "name": "Max", "event_id": 1, "photo_url": ""},
        ],
        SPONSORS: [
            {"id": 1, "name": "A Corp", "event_id": 1,
             "logo_url": "https://bucket.s3.amazonaws.com/events/1/sponsors/1/logo/h/s.png"},
            {"id": 2, "name": "Lost Ltd", "event_id": 1,
             "logo_url": f"{SITE}/static/media/events/1/sponsors/2/logo/h/lost.png"},
            {"id": 3, "name": "Evil Inc", "event_id": 1,
             "logo_url": f"{SITE}/static/../../../../etc/passwd"},
        ],
        PLACEHOLDERS: [{"id": 1, "name": "A hall", "copyright": "Somebody", **shared}],
    }  # fmt: skip
    TABLES.create_all(engine)
    with engine.begin() as connection:
        for table, found in rows.items():
            for row in found:
                connection.execute(table.insert(), row)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/open-event.db"
        engine = create_engine(url)
        fill(engine)
        engine.dispose()
        yield url
        return
    server = request.getfixturevalue("postgres")
    name = database_name("open_event")
    url = server.create(name)
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    fill(engine)
    engine.dispose()
    yield url
    server.drop(name)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    found = tmp_path / "static"
    for name, colour in (
        ("media/events/5f0c/o/h/a.jpg", "red"),
        ("media/events/5f0c/l/h/a.jpg", "black"),
        ("media/events/1/logo/h/logo a.png", "green"),
        ("media/events/1/speakers/1/photo/h/eve.png", "blue"),
        ("media/events/1/sponsors/1/logo/h/s.png", "teal"),
        ("media/custom-placeholders/1/original/h/p.png", "white"),
        ("media/users/3/avatar/h/x.png", "pink"),
    ):
        path = found / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture("JPEG" if name.endswith("jpg") else "PNG", colour=colour))
    return found


def test_originals_come_with_words_owners_and_addresses(
    app: Flask, client: FlaskClient, database: str, files: Path, tmp_path: Path
) -> None:
    ada = account(app)
    map_file = tmp_path / "map.jsonl"
    options = ("--database", database, "--files", files, "--base-url", f"{SITE}/")
    command = ("import", "--from", "open-event", *options, "--create-owners", "--map", map_file)
    status, report, said = run(app, *command)
    assert (status, report) == (1, {"files": 9, "imported": 5, "there": 1, "problems": 3})
    assert "speaker/2 photo_url: https://www.gravatar.com/avatar/0 is at another site" in said
    assert "sponsors/2 logo_url: there is no such file" in said
    assert "sponsors/3 logo_url: there is no such file" in said
    assert "eve@example.org has no account: one was created" in said
    found = {each["attributes"]["filename"]: each for each in listed(client)}
    assert {name: each["attributes"]["alt"] for name, each in found.items()} == {
        "a.jpg": "FOSS Summit",
        "eve.png": "Eve",
        "logo a.png": "FOSS Summit",
        "p.png": "A hall",
        "s.png": "A Corp",
    }
    assert found["a.jpg"]["attributes"]["created-at"] == "2019-05-06T07:08:09.000000Z"
    assert found["p.png"]["attributes"]["credit"] == "Somebody"
    owners = {name: each["relationships"]["owner"]["data"] for name, each in found.items()}
    assert owners["a.jpg"]["id"] == owners["s.png"]["id"] == ada
    assert owners["eve.png"]["id"] != ada
    assert owners["p.png"] is None
    check_addresses(client, addresses(map_file))
    assert run(app, *command)[1] == {"files": 9, "imported": 0, "there": 6, "problems": 3}


def check_addresses(client: FlaskClient, found: dict[str, str]) -> None:
    old, photo = f"{SITE}{EVENT}", f"{SITE}/static/media/events/1/speakers/1/"
    assert found.keys() == {
        *(f"{old}{size}/h/a.jpg" for size in "olti"),
        *(f"{photo}{size}/h/eve.png" for size in ("photo", "thumb", "small", "icon_")),
        f"{SITE}/static/media/custom-placeholders/1/original/h/p.png",
        "https://static.example.org/media/events/1/logo/h/logo%20a.png",
        f"{SITE}/static/media/events/1/logo/h/logo%20a.png",
        "https://bucket.s3.amazonaws.com/events/1/sponsors/1/logo/h/s.png",
        f"{SITE}/static/media/events/1/sponsors/1/logo/h/s.png",
    }
    answer = client.get(path_of(found[f"{old}o/h/a.jpg"]))
    assert answer.data == picture("JPEG", colour="red")
    assert len({found[f"{old}{size}/h/a.jpg"] for size in "olti"}) == 4
    for address in (f"{old}l/h/a.jpg", f"{old}i/h/a.jpg", f"{photo}icon_/h/eve.png"):
        answer = client.get(path_of(found[address]))
        assert (answer.status_code, answer.mimetype) == (200, "image/webp")


def test_nothing_is_written_there(app: Flask, database: str, files: Path, tmp_path: Path) -> None:
    command = ("import", "--from", "open-event", "--database", database, "--files", files)
    file = tmp_path / "open-event.db"
    before = file.read_bytes() if file.exists() else b""
    run(app, *command, "--base-url", SITE, "--create-owners")
    assert (file.read_bytes() if file.exists() else b"") == before


def test_another_database_is_refused(app: Flask, files: Path, tmp_path: Path) -> None:
    command = ("import", "--from", "open-event", "--files", files, "--base-url", SITE)
    create_engine(f"sqlite:///{tmp_path}/empty.db").connect().close()
    for url, reason in (
        (f"sqlite:///{tmp_path}/empty.db", "it has no table `events`"),
        (f"sqlite:///{tmp_path}/nowhere.db", "--database: it cannot be read"),
        ("mysql://a:secret@b/c", "--database: only SQLite and PostgreSQL"),
        ("postgresql://a:secret@127.0.0.1:1/c", "--database: it cannot be read"),
    ):
        with pytest.raises(OperatorError, match=reason) as refusal:
            run(app, *command, "--database", url)
        assert "secret" not in str(refusal.value)
    with pytest.raises(OperatorError, match="--from open-event needs --database"):
        run(app, *command)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://a/static/uploads/x.png", "uploads/x.png"),
        ("/static/media/x%20y.png", "media/x y.png"),
        ("https://storage.googleapis.com/bucket/events/1/x.png", "media/events/1/x.png"),
        ("https://example.org/x.png", None),
        ("http://[", None),
        ("x", None),
    ],
)
def test_a_file_is_found_by_its_address(url: str, path: str | None) -> None:
    assert local_path(url) == path
