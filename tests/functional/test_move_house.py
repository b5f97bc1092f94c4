"""From one machine to a cluster: SQLite and a folder become PostgreSQL and a bucket, in use.

As docs/how-to/move-files.md and docs/how-to/move-database.md tell operators to do it, with real
servers, and clients that go on.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.fetch import Fetched, fetch
from tests.images import picture
from tests.postgres import PostgresServer
from tests.resumable import COLLECTION as RESUMABLE
from tests.resumable import MEDIA_TYPE, VERSION
from tests.s3 import S3Server
from tests.server import MANAGE, Server, manage
from tests.traffic import Traffic

pytestmark = [
    pytest.mark.server,
    pytest.mark.slow,
    pytest.mark.default_stack("moves from each engine to the other by itself"),
]

UPLOADS = 1000
SECRET = "s" * 40

Restart = Callable[..., Server]


@pytest.fixture
def restart(tmp_path: Path) -> Iterator[Restart]:
    """Ends the server, if one runs, and starts one with these settings."""
    running: list[Server] = []

    def restart(**settings: str) -> Server:
        if running:
            running.pop().stop()
        running.append(Server(tmp_path, secret_key=SECRET, rate_limits="off", **settings))
        return running[0]

    yield restart
    for each in running:
        each.stop()


def test_a_thousand_uploads_move_while_they_are_used_and_none_is_lost(
    tmp_path: Path, restart: Restart, s3: S3Server, postgres: PostgresServer
) -> None:
    data_dir = tmp_path / "data"
    old, new = f"file://{data_dir}/storage", s3.url()
    sqlite, postgresql = f"sqlite:///{data_dir}/uploads.db", postgres.create("house")

    def run(*arguments: str, **settings: str) -> dict[str, int]:
        ended = manage(data_dir, *arguments, "--json", UPLOADS_SECRET_KEY=SECRET, **settings)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        found: dict[str, int] = json.loads(ended.stdout.splitlines()[-1])
        return found

    first = restart()
    traffic = Traffic(first.address, first.token)
    traffic.fill(UPLOADS)
    assert traffic.wrong == []
    begun = Begun(first, picture(size=(50, 50)))
    begun.append(first, 30)

    moving = {"storage_url": new, "storage_previous_url": old}
    environment = {f"UPLOADS_{name.upper()}": url for name, url in moving.items()}
    with traffic:
        second = restart(**moving)
        traffic.address = second.address
        begun.append(second, 30)
        kill_half_way(data_dir, "move-storage", "--json", **environment)
        moved = run("move-storage", **environment)
        assert moved["problems"] == 0
        before = traffic.done
        emptied = run("move-storage", "--empty-previous", **environment)
        assert emptied["problems"] == 0
        assert traffic.done > before
        assert not [each for each in (data_dir / "storage/objects").rglob("*") if each.is_file()]

        traffic.address = restart(storage_url=new, read_only="true").address
        ended = manage(data_dir, "move-database", sqlite, postgresql)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        last = restart(storage_url=new, database_url=postgresql)
        traffic.address = last.address
        begun.finish(last)
        before = traffic.done
        while traffic.done < before + 100 and not traffic.wrong:
            time.sleep(0.05)

    assert traffic.wrong == []
    there = {"UPLOADS_STORAGE_URL": new, "UPLOADS_DATABASE_URL": postgresql}
    verified = run("verify", **there)
    assert (verified["problems"], verified["checked"]) == (
        0,
        1 + sum(len(each.kept) for each in traffic.records),
    )
    # What a copy under way was killed over may be left behind, and is no more than that.
    swept = run("sweep", "--grace-hours", "0", "--force", **there)
    assert swept["orphans"] <= 8
    assert run("sweep", "--grace-hours", "0", **there)["orphans"] == 0
    assert traffic.lost() == []


class Begun:
    """An upload by tus that goes on with whatever server there is.

    Args:
        server: the first one, whose admin sends it.
        content: of the file.
    """

    def __init__(self, server: Server, content: bytes) -> None:
        self._content = content
        self._at = 0
        self._headers = {**VERSION, "Authorization": f"Bearer {server.token}"}
        size = {"Upload-Length": str(len(content))}
        response = fetch(f"{server.url}{RESUMABLE}", "POST", None, **self._headers, **size)
        assert response.status == 201, response.content
        self._path = urlsplit(response.headers["location"]).path

    def append(self, server: Server, size: int) -> Fetched:
        """Send the next bytes."""
        headers = {**self._headers, "Upload-Offset": str(self._at), "Content-Type": MEDIA_TYPE}
        sent = self._content[self._at : self._at + size]
        response = fetch(f"{server.url}{self._path}", "PATCH", sent, **headers)
        assert response.status == 204, response.content
        self._at += len(sent)
        return response

    def finish(self, server: Server) -> None:
        """Send the rest, and fetch the file."""
        made = self.append(server, len(self._content))
        upload = fetch(server.url + urlsplit(made.headers["content-location"]).path)
        attributes = json.loads(upload.content)["data"]["attributes"]
        assert fetch(server.url + urlsplit(attributes["url"]).path).content == self._content


def kill_half_way(data_dir: Path, *arguments: str, **settings: str) -> None:
    """Runs a command, and kills it while it is at work."""
    own = {"UPLOADS_DATA_DIR": str(data_dir), "UPLOADS_SECRET_KEY": SECRET, **settings}
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, MANAGE, *arguments],
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    time.sleep(2.5)
    assert process.poll() is None, "it was faster than thought"
    process.send_signal(signal.SIGKILL)
    process.communicate()
