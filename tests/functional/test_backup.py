"""Backup and restore, by the commands that docs/how-to/backup.md shows, while clients write."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.fetch import Fetched
from tests.images import noise
from tests.machine import cannot
from tests.postgres import PostgresServer, postgres_programs
from tests.resumable import COLLECTION, MEDIA_TYPE, VERSION
from tests.server import Server
from tests.traffic import Kept, Traffic

pytestmark = [
    pytest.mark.server,
    pytest.mark.slow,
    pytest.mark.default_stack("starts servers by itself"),
]

PAGE = Path(__file__).parents[2] / "docs/how-to/backup.md"
UPLOADS = 120

# Commands that are pasted must quote the names of folders.
ODD = "a b #1 100% 50%25 ?x=y"

SECRET = "s" * 40

Start = Callable[..., Server]
Shell = Callable[..., subprocess.CompletedProcess[str]]
AllKept = dict[str, Kept]


@pytest.fixture(scope="module")
def chapter() -> str:
    return PAGE.read_text("utf-8")


@pytest.fixture(scope="module")
def scripts(chapter: str) -> tuple[str, str]:
    """What makes a backup, and what restores one."""
    backup, restore = re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)
    return backup, restore


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a server whose data folder is below a folder with a name; ends the one before."""
    running: list[Server] = []

    def end() -> None:
        while running:
            running.pop().stop()

    def start(name: str, **settings: str) -> Server:
        end()
        folder = tmp_path / ODD / name
        folder.mkdir(parents=True, exist_ok=True)
        running.append(Server(folder, rate_limits="off", **settings))
        return running[0]

    yield start
    end()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Runs commands as an operator pastes them."""

    def run(script: str, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
        data = str(tmp_path / ODD / name / "data")
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"PATH": programs, "UPLOADS_DATA_DIR": data, "DATA": data}
        return subprocess.run(  # noqa: S603 - what the documentation shows
            ["/bin/bash", "-c", script],
            env={**os.environ, **own, "BACKUP": str(tmp_path / ODD / "backup"), **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def kept(traffic: Traffic) -> AllKept:
    return {id_: each for record in traffic.records for id_, each in list(record.kept.items())}


def untouched(before: AllKept, after: AllKept) -> AllKept:
    """What nobody replaced or deleted meanwhile."""
    return {id_: each for id_, each in before.items() if after.get(id_) is each}


def missing(server: Server, expected: AllKept) -> list[str]:
    """The ids of uploads that a server does not have as they were."""
    wrong = (id_ for id_, each in expected.items() if server.get(each.path) != (200, each.content))
    return list(wrong)


def named(output: str) -> set[str]:
    """The ids that `verify` complains of."""
    return set(re.findall("upload ([0-9a-f-]{36})", output))


def test_a_backup_of_a_server_at_work_has_all_that_was_there_and_stayed(
    start: Start, shell: Shell, scripts: tuple[str, str]
) -> None:
    backup, restore = scripts
    server = start("first")
    traffic = Traffic(server.address, server.token)
    traffic.fill(UPLOADS)
    with traffic:
        before = kept(traffic)
        shell(backup, "first")
        after = kept(traffic)
    assert traffic.wrong == []
    stayed = untouched(before, after)
    assert len(stayed) > UPLOADS / 10
    restored = shell(restore, "second")
    assert "uploads checked" in restored.stdout, restored.stderr
    assert named(restored.stdout).isdisjoint(stayed)
    second = start("second")
    second.token = server.token
    assert missing(second, stayed) == []


def test_a_backup_of_a_server_that_only_reads_has_everything(
    start: Start, shell: Shell, scripts: tuple[str, str]
) -> None:
    backup, restore = scripts
    server = start("first")
    traffic = Traffic(server.address, server.token)
    traffic.fill(UPLOADS)
    with traffic:
        traffic.address = start("first", read_only="true").address
        made = shell(backup, "first")
        expected = kept(traffic)
        traffic.address = start("first").address
    assert (made.returncode, made.stderr) == (0, "")
    restored = shell(restore, "second")
    assert (restored.returncode, restored.stderr) == (0, ""), restored.stdout
    second = start("second")
    second.token = server.token
    assert len(expected) > UPLOADS / 4
    assert missing(second, expected) == []


def test_what_was_still_arriving_goes_on_after_a_restore(
    start: Start, shell: Shell, scripts: tuple[str, str]
) -> None:
    backup, restore = scripts
    *first, third = backup.splitlines()
    server = start("first")
    token, whole = server.token, noise((500, 500))
    quarter = len(whole) // 4
    length = {**VERSION, "Upload-Length": str(len(whole))}
    begun = server.exchange("POST", COLLECTION, headers=length)
    path = urlsplit(begun.headers["location"]).path

    def append(server: Server, start: int, stop: int) -> Fetched:
        offset = {**VERSION, "Upload-Offset": str(start)}
        return server.exchange("PATCH", path, whole[start:stop], MEDIA_TYPE, offset)

    assert append(server, 0, quarter).status == 204
    # More comes after the files were copied, and again after the database was.
    assert shell("\n".join(first[:-1]), "first").returncode == 0
    assert append(server, quarter, 2 * quarter).status == 204
    assert shell(first[-1], "first").returncode == 0
    assert append(server, 2 * quarter, 3 * quarter).status == 204
    assert shell(third, "first").returncode == 0
    restored = shell(restore, "second")
    assert (restored.returncode, restored.stderr) == (0, ""), restored.stdout
    second = start("second")
    second.token = token
    asked = second.exchange("HEAD", path, headers=VERSION)
    assert int(asked.headers["upload-offset"]) == 2 * quarter
    finished = append(second, 2 * quarter, len(whole))
    _, document = second.get(finished.headers["content-location"])
    assert second.get(json.loads(document)["data"]["attributes"]["url"]) == (200, whole)


def test_a_dump_of_postgresql_takes_the_place_of_the_copied_database(
    start: Start, shell: Shell, scripts: tuple[str, str], chapter: str, postgres: PostgresServer
) -> None:
    programs = postgres_programs()
    if not (programs / "pg_dump").exists():
        cannot("this test needs pg_dump")
    dump, load = re.findall("`(pg_(?:dump|restore) [^`]+)`", chapter)
    backup, restore = scripts
    backup = re.sub(r"^python3 .*$", lambda _: f"{programs}/{dump}", backup, flags=re.MULTILINE)
    restore = restore.replace("open-event", f"{programs}/{load}\nopen-event", 1)
    environment = {"UPLOADS_SECRET_KEY": SECRET}
    first, second = (
        {"UPLOADS_DATABASE_URL": postgres.create(name), **environment} for name in ("one", "two")
    )
    token = shell(
        "open-event-uploads db upgrade && open-event-uploads token create --role admin",
        "first",
        **first,
    ).stdout.strip()
    settings = {"database_url": first["UPLOADS_DATABASE_URL"], "secret_key": SECRET}
    traffic = Traffic(start("first", **settings).address, token)
    traffic.fill(UPLOADS)
    with traffic:
        before = kept(traffic)
        made = shell(backup, "first", **first)
        stayed = untouched(before, kept(traffic))
    assert "pg_dump" not in made.stderr
    restored = shell(restore, "second", **second)
    assert "uploads checked" in restored.stdout, restored.stderr
    assert named(restored.stdout).isdisjoint(stayed)
    settings["database_url"] = second["UPLOADS_DATABASE_URL"]
    server = start("second", **settings)
    server.token = token
    assert len(stayed) > UPLOADS / 10
    assert missing(server, stayed) == []
