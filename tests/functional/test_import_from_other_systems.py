"""`manage.py import` from Directus, Strapi and Active Storage, on databases that they made."""

import io
import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from open_event_uploads.errors import InvalidImport
from open_event_uploads.fault_points import VARIABLE
from tests.accounts import account
from tests.documents import path_of
from tests.functional.test_import_and_export import run
from tests.import_sources.load import fixture, load_postgres
from tests.import_sources.systems import SYSTEMS, Facts, System
from tests.nginx import Nginx
from tests.postgres import PostgresServer, database_name
from tests.processes import start
from tests.server import MANAGE, manage

pytestmark = pytest.mark.default_stack("what differs is the database of the other system")

systems = pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS.keys())


# The name of each file and when it came, in its system's own words.
_TIMES = {
    "directus": "SELECT filename_download, created_on FROM directus_files",
    "strapi": "SELECT name, created_at FROM files",
    "active-storage": "SELECT filename, created_at FROM active_storage_blobs ORDER BY id DESC",
}


@pytest.fixture
def foreign(system: System, tmp_path: Path) -> Iterator[tuple[sqlite3.Connection, str]]:
    """The database of a system, and its address."""
    connection, url = system.load(tmp_path)
    with closing(connection):
        yield connection, url


def listed(client: FlaskClient) -> dict[str, dict[str, Any]]:
    """Return all uploads by their file names."""
    answer = client.get("/v1/uploads?page[size]=100").get_json()
    return {each["attributes"]["filename"]: each for each in answer["data"]}


def times_of(system: System, connection: sqlite3.Connection) -> dict[str, datetime]:
    """Return when each file came to its system."""
    rows = connection.execute(_TIMES[system.source])
    return {
        name: datetime.fromtimestamp(time / 1000, UTC)
        if isinstance(time, int)
        else datetime.strptime(time, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
        for name, time in rows
    }


def check_uploads(system: System, connection: sqlite3.Connection, client: FlaskClient) -> None:
    """Check what the import made of each file."""
    users = client.get("/v1/users?page[size]=100").get_json()["data"]
    emails = {each["id"]: each["attributes"].get("email") for each in users}
    times = times_of(system, connection)
    found = listed(client)
    assert found.keys() == system.files.keys()
    for name, facts in system.files.items():
        attributes, owner = found[name]["attributes"], found[name]["relationships"]["owner"]["data"]
        seen = Facts(
            attributes["alt"],
            attributes["caption"],
            attributes["visibility"],
            emails[owner["id"]] if owner else None,
        )
        assert (name, seen) == (name, facts)
        made = datetime.fromisoformat(attributes["created-at"])
        assert abs(made - times[name]) < timedelta(milliseconds=1), name


@systems
def test_what_the_system_knew_is_kept(
    system: System, foreign: tuple[sqlite3.Connection, str], app: Flask, client: FlaskClient
) -> None:
    connection, database = foreign
    taken, refused = len(system.files), len(system.refused)
    arguments = [*system.arguments(database), "--create-owners"]
    status, report, output = run(app, *arguments)
    assert (status, report["imported"], report["problems"]) == (1, taken, refused)
    check_uploads(system, connection, client)
    for name in system.refused:
        assert sum(f" {name}: " in line for line in output.splitlines()) == 1, name
    # The second run finds them all, and changes nothing.
    assert run(app, *arguments)[1] == {**report, "imported": 0, "there": taken}
    check_uploads(system, connection, client)


@pytest.mark.slow
@systems
def test_its_database_may_be_postgresql(
    system: System,
    foreign: tuple[sqlite3.Connection, str],
    app: Flask,
    client: FlaskClient,
    postgres: PostgresServer,
) -> None:
    connection, _ = foreign
    name = database_name(system.source)
    url = postgres.create(name)
    try:
        # Directus alone keeps the zone.
        load_postgres(
            connection, url, "timestamptz" if system.source == "directus" else "timestamp(6)"
        )
        assert run(app, *system.arguments(url), "--create-owners")[1]["problems"] == len(
            system.refused
        )
        check_uploads(system, connection, client)
    finally:
        postgres.drop(name)


@pytest.mark.slow
@systems
def test_what_the_system_answered_leads_to_the_same_picture(
    system: System,
    foreign: tuple[sqlite3.Connection, str],
    app: Flask,
    client: FlaskClient,
    tmp_path: Path,
) -> None:
    _, database = foreign
    map_file, redirects = tmp_path / "map.jsonl", tmp_path / "redirects.conf"
    run(app, *system.arguments(database), "--create-owners",
        "--map", map_file, "--nginx", redirects)  # fmt: skip
    listed_now = listed(client)
    keys = {name: key_of(each["attributes"]["url"]) for name, each in listed_now.items()}
    old = {json.loads(line)["old"] for line in map_file.read_text().splitlines()}
    server = Nginx(tmp_path, f"server {{ listen {{address}}; include {redirects}; }}")
    try:
        for address, name in system.answers().items():
            answer = server.ask("GET", address)
            if name in system.refused:
                assert answer.status == 404, address
                continue
            assert (answer.status, key_of(answer["Location"] or "")) == (301, keys[name]), address
            assert client.get(path_of(answer["Location"] or "")).status_code == 200
            assert any(covers(each, f"{system.base_url}{address}") for each in old), address
    finally:
        server.stop()
    # What people have written into texts stands in the map as it is, too.
    whole = {unquote(each.removeprefix(system.base_url)) for each in old if each[-1] != "*"}
    answers = system.answers().items()
    written = {name for address, name in answers if unquote(address) in whole}
    assert written == {name for _, name in answers if name in system.files}


@pytest.mark.parametrize(
    ("name", "old", "width"),
    [
        ("strapi/5", "/uploads/thumbnail_hills", 500),
        ("strapi/5", "/uploads/small_hills", 500),
        ("strapi/5", "/uploads/medium_hills", 1100),
        ("directus/12", "?key=thumbnail", 500),
    ],
)
def test_smaller_images_lead_to_one_that_is_not_smaller(  # noqa: PLR0913, PLR0917 - fixtures
    name: str, old: str, width: int, app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    system = SYSTEMS[name]
    connection, database = system.load(tmp_path)
    connection.close()
    map_file = tmp_path / "map.jsonl"
    run(app, *system.arguments(database), "--create-owners", "--map", map_file)
    key = key_of(listed(client)["hills.jpg"]["attributes"]["url"])
    new = [
        each["new"]
        for each in map(json.loads, map_file.read_text().splitlines())
        if old in each["old"] and key in each["new"]
    ]
    (url,) = new
    with Image.open(io.BytesIO(client.get(path_of(url)).data)) as image:
        assert image.width == width


def key_of(url: str) -> str:
    """Return the random part of the key of a file or of its variant."""
    return unquote(url).split("/media/")[1].removeprefix("private/").removeprefix("variants/")[:36]


def covers(old: str, address: str) -> bool:
    """Return whether an address of the map is this one, or begins it."""
    is_prefix, text = old.endswith("*"), unquote(old.removesuffix("*"))
    plain = unquote(address)
    return plain.startswith(text) if is_prefix else plain == text


@systems
def test_the_pictures_are_the_same(
    system: System, foreign: tuple[sqlite3.Connection, str], app: Flask, client: FlaskClient
) -> None:
    run(app, *system.arguments(foreign[1]), "--create-owners")
    files = (fixture(system.name) / system.folder).rglob("*")
    before = sorted(shown(each.read_bytes()) for each in files if each.is_file())
    urls = [each["attributes"]["url"] for each in listed(client).values()]
    after = sorted(shown(client.get(path_of(url)).data) for url in urls)
    assert after == [each for each in before if each]


def shown(content: bytes) -> tuple[tuple[int, int], bytes] | tuple[()]:
    """Return the size and the first pixels of a picture; empty for another file."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.size, image.convert("RGBA").tobytes()[:4000]
    except OSError:
        return ()


@pytest.mark.slow
def test_an_import_that_was_killed_goes_on(tmp_path: Path) -> None:
    system = SYSTEMS["directus/12"]
    connection, database = system.load(tmp_path)
    connection.close()
    data, faults, map_file = tmp_path / "data", tmp_path / "faults", tmp_path / "map.jsonl"
    faults.mkdir()
    assert manage(data, "db", "upgrade").returncode == 0
    arguments = [*system.arguments(database), "--create-owners", "--map", str(map_file), "--json"]
    # An account and some files are there; the next file is stored and has no row.
    (faults / "armed").write_text("17")
    environ = {**os.environ, "UPLOADS_DATA_DIR": str(data), VARIABLE: str(faults)}
    killed = start([sys.executable, MANAGE, *arguments], env=environ, stdout=subprocess.DEVNULL)
    assert killed.wait(60) == -signal.SIGKILL
    (faults / "armed").unlink()
    assert not map_file.exists()
    report = json.loads(manage(data, *arguments).stdout)
    assert report["imported"] > 0
    assert report["there"] > 0
    assert report["imported"] + report["there"] == len(system.files)
    new = {json.loads(line)["new"] for line in map_file.read_text().splitlines()}
    assert len([each for each in new if "/variants/" not in each]) == len(system.files)
    # The server has never been started; the storage is this database's all the same.
    assert manage(data, "sweep").returncode == 0


@pytest.mark.parametrize("name", ["directus/10", "strapi/5", "active_storage/7"])
def test_the_commands_of_the_page_work(
    name: str, app: Flask, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = SYSTEMS[name]
    connection, database = system.load(tmp_path)
    connection.close()
    account(app)
    page = Path(__file__).parents[2] / f"docs/how-to/import-from-{system.source}.md"
    text = page.read_text("utf-8").replace("\\\n", " ")
    commands = re.findall(r"^open-event-uploads (import .*)$", text, re.MULTILINE)
    assert commands
    monkeypatch.chdir(tmp_path)
    for command in commands:
        words = shlex.split(command)
        given = {"--database": database, "--files": str(fixture(name) / system.folder)}
        given |= dict(zip(system.options[::2], system.options[1::2], strict=True))
        for option, value in given.items():
            words[words.index(option) + 1] = value
        report = run(app, *words)[1]
        is_dry = "--dry-run" in words
        assert (report["imported"], report["problems"]) == (len(system.files), len(system.refused))
        assert len(listed(client)) == (0 if is_dry else len(system.files))
        assert (tmp_path / "redirects.conf").exists() is not is_dry


# What may be wrong in a database, and the start of the line that says so; without one the file is
# imported.
_DAMAGE = {
    "a path": ("filename_disk = '../database.sql'", "there is no such file"),
    "an absolute path": ("filename_disk = '/etc/passwd'", "there is no such file"),
    "a NUL in a path": ("filename_disk = 'a' || char(0)", "cannot be read"),
    "a NUL in a text": ("description = 'a' || char(0) || 'b'", "`alt`: "),
    "a long text": ("description = printf('%.*c', 9000, 'x')", "`alt`: "),
    "a long name": ("filename_download = printf('%.*c', 9000, 'x')", ""),
    "no path": ("filename_disk = NULL", "there is no such file"),
    "bytes for a path": ("filename_disk = x'ff00'", "cannot be read"),
    "a number for a text": ("title = 1.5, description = 7", ""),
    "bytes for a text": ("description = x'ff'", ""),
    "a time far away": ("created_on = 99999999999999999, uploaded_on = 'soon'", ""),
    "a time before all": ("created_on = -99999999999999999", ""),
    "no email": ("uploaded_by = 'nobody'", ""),
    "another storage": ("storage = 's3', filename_disk = 'x'", "x of the storage `s3`: "),
    "a line in a name": ("filename_download = 'a' || char(10) || 'b'", ""),
}


@pytest.mark.parametrize("damage", _DAMAGE)
def test_a_damaged_row_is_one_line(
    damage: str, app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    system = SYSTEMS["directus/12"]
    change, reason = _DAMAGE[damage]
    connection, database = system.load(tmp_path)
    with closing(connection):
        connection.execute("DELETE FROM directus_files WHERE filename_download NOT LIKE 'stage.%'")
        connection.execute(f"UPDATE directus_files SET {change}")  # noqa: S608 - of this table
        connection.commit()
    status, report, output = run(app, *system.arguments(database), "--create-owners")
    assert (status, report["imported"]) == ((1, 0) if reason else (0, 1))
    lines = [each for each in output.splitlines() if "has no account" not in each]
    assert len(lines) == report["problems"]
    assert all(reason in each for each in lines)
    assert len(listed(client)) == report["imported"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("ALTER TABLE directus_files DROP COLUMN filename_disk", "no column `filename_disk`"),
        ("DROP TABLE directus_users", "no table `directus_users`"),
    ],
)
def test_another_database_is_refused_in_one_line(
    change: str, reason: str, app: Flask, tmp_path: Path
) -> None:
    system = SYSTEMS["directus/12"]
    connection, database = system.load(tmp_path)
    with closing(connection):
        connection.execute(change)
        connection.commit()
    with pytest.raises(InvalidImport, match=reason):
        run(app, *system.arguments(database))


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("directus_files", ("title", "description", "created_on", "folder", "type")),
        ("directus_settings", ("storage_asset_presets", "project_logo", "public_favicon")),
    ],
)
def test_older_versions_have_fewer_columns(
    table: str, columns: tuple[str, ...], app: Flask, tmp_path: Path
) -> None:
    system = SYSTEMS["directus/10"]
    connection, database = system.load(tmp_path)
    with closing(connection):
        for each in columns:
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {each}")
        connection.commit()
    report = run(app, *system.arguments(database), "--create-owners")[1]
    assert report["imported"] == len(system.files)
