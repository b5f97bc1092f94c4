"""A data folder whose name has what means something in addresses, settings and shells."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from open_event_uploads.cli import COMMANDS, cli
from tests.documents import JSON_API, data_uri, document
from tests.images import picture
from tests.server import Server

pytestmark = [
    pytest.mark.server,
    pytest.mark.default_stack("about the names of folders"),
]

ODD = """a b #1 100% 50%25 %(here)s ?x=y&z;$HOME "q" 'é +~"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ODD).mkdir()
    return tmp_path / ODD


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    running = Server(folder)
    yield running
    running.stop()


class Console:
    """Run commands, each of which must succeed, and remember which."""

    def __init__(self) -> None:
        self.commands = {"serve"}

    def run(self, *arguments: str) -> str:
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 0, (arguments, result.output, result.exception)
        self.commands.add(arguments[0])
        return result.output


def sqlite_address(file: Path) -> str:
    return "sqlite:///" + str(file).replace("%", "%25").replace("?", "%3F")


def test_the_server_and_every_command_keep_to_such_a_folder(
    server: Server, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, console = folder / "data", Console()
    sent = document({"data": data_uri(picture()), "filename": "sea.png"})
    status, body = server.request("POST", "/v1/uploads", json.dumps(sent).encode(), JSON_API)
    assert status == 201
    assert server.get(json.loads(body)["data"]["attributes"]["url"]) == (200, picture())
    assert (data / "uploads.db").exists()

    monkeypatch.setenv("UPLOADS_DATA_DIR", str(data))
    console.run("db", "upgrade")
    console.run("users", "list")
    console.run("token", "create", "--role", "admin")
    console.run("presets", "list")
    console.run("variants", "warm")
    console.run("backfill")
    console.run("openapi")
    console.run("export", str(folder / "copy"))
    assert "1 there already" in console.run("import", str(folder / "copy"))
    console.run("sweep")
    assert "1 uploads checked, 0 problems" in console.run("verify")

    addresses = [sqlite_address(data / "uploads.db"), sqlite_address(folder / "moved.db")]
    console.run("move-database", *addresses)
    assert (folder / "moved.db").exists()
    monkeypatch.setenv("UPLOADS_STORAGE_PREVIOUS_URL", (data / "storage").as_uri())
    monkeypatch.setenv("UPLOADS_STORAGE_URL", (folder / "storage").as_uri())
    monkeypatch.setenv("UPLOADS_DATABASE_URL", addresses[1])
    (folder / "storage").mkdir()
    (folder / "storage" / "instance").write_text((data / "storage" / "instance").read_text())
    console.run("move-storage")
    console.run("move-storage", "--empty-previous")
    monkeypatch.delenv("UPLOADS_STORAGE_PREVIOUS_URL")
    assert "1 uploads checked, 0 problems" in console.run("verify")

    assert console.commands == set(COMMANDS)
    assert [each.name for each in tmp_path.iterdir()] == [ODD]
