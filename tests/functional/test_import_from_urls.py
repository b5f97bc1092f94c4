"""`manage.py import --from urls`: files that are fetched from addresses."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from open_event_uploads.errors import OperatorError
from tests.accounts import account
from tests.documents import path_of
from tests.functional.test_import_and_export import listed, run
from tests.functional.test_import_old_addresses import addresses
from tests.images import picture
from tests.scripted_server import ScriptedServer, ok, redirect


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    found = ScriptedServer([ok(picture()), redirect("/b.gif"), ok(picture("GIF"))])
    yield found
    found.stop()


def allowed(server: ScriptedServer) -> list[str]:
    return ["--allow-network", "127.0.0.1", "--allow-port", str(server.port)]


def test_files_are_fetched_once_with_what_the_list_says(
    app: Flask, client: FlaskClient, server: ScriptedServer, tmp_path: Path
) -> None:
    ada = account(app)
    site = f"http://127.0.0.1:{server.port}"
    entry = {
        "url": f"{site}/B%C3%A4r.gif?size=2",
        "alt": "A bear",
        "owner": "ada@example.org",
        "created-at": "2016-01-02T03:04:05Z",
    }
    addresses_file, map_file = tmp_path / "list", tmp_path / "map.jsonl"
    # As Windows writes it.
    lines = f"{site}/stage.png\r\n\r\n{json.dumps(entry)}\r\n"
    addresses_file.write_bytes(lines.encode("utf-8-sig"))
    command = ("import", addresses_file, "--from", "urls", "--map", map_file, *allowed(server))
    assert run(app, *command)[:2] == (0, {"files": 2, "imported": 2, "there": 0, "problems": 0})
    bear, stage = (each["attributes"] for each in listed(client))
    assert (bear["filename"], bear["alt"], stage["filename"]) == ("Bär.gif", "A bear", "stage.png")
    assert bear["created-at"] == "2016-01-02T03:04:05.000000Z"
    assert listed(client)[0]["relationships"]["owner"]["data"]["id"] == ada
    found = addresses(map_file)
    assert client.get(path_of(found[entry["url"]])).data == picture("GIF")
    # A second run asks nobody, and has the same addresses.
    assert run(app, *command)[1]["there"] == 2
    assert len(server.requests) == 3
    assert addresses(map_file) == found


def test_what_may_not_be_fetched_is_named_and_the_rest_goes_on(
    app: Flask, server: ScriptedServer, tmp_path: Path
) -> None:
    lines = [
        "http://127.0.0.2/a.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost/a.png",
        "https://user:password@example.org/a.png",
        "file:///etc/passwd",
        "http://[",
        '{"url": "http://a.example/", "alt": 1}',
        '{"url": "http://a.example/", "id": "1"}',
        '{"file": "a.png"}',
        '{"url": "http://a.example/\\u001b[2J"}',
        "http://a.example/\udcff",
        f"http://127.0.0.1/{'x' * 2**20}",
        '{"url": "http://127.0.0.1/", "created-at": "0001-01-01T00:00:00+14:00"}',
        f"http://127.0.0.1:{server.port}/a.png",
    ]
    path = tmp_path / "list"
    path.write_text("\n".join(lines), errors="surrogateescape")
    status, report, said = run(app, "import", path, "--from", "urls", *allowed(server))
    assert (status, report["imported"], report["problems"]) == (1, 1, 13)
    assert "http://127.0.0.2/a.png: cannot be fetched: 127.0.0.2 is not on the public" in said
    assert "http://169.254.169.254/latest/meta-data/: cannot be fetched: 169.254.169.254" in said
    assert "line 7: `alt`" in said
    assert "\x1b" not in said
    assert "`id` must be a UUID" in said


def test_a_file_is_no_longer_than_uploads_may_be(
    app: Flask, server: ScriptedServer, tmp_path: Path
) -> None:
    server.stop()
    too_long = ScriptedServer([ok(b"", length=10**12)])
    path = tmp_path / "list"
    path.write_text(f"http://127.0.0.1:{too_long.port}/a.png")
    try:
        _, _, said = run(app, "import", path, "--from", "urls", *allowed(too_long))
    finally:
        too_long.stop()
    assert "the file has more than 26214400 bytes" in said


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--allow-network", "10.0.0.1/8"], "--allow-network: 10.0.0.1/8 has host bits set"),
        (["--allow-network", "x"], "--allow-network: 'x'"),
        (["--files", "."], "--from urls does not use --files"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    app: Flask, tmp_path: Path, options: list[str], reason: str
) -> None:
    path = tmp_path / "list"
    path.write_text("")
    with pytest.raises(OperatorError, match=reason):
        run(app, "import", path, "--from", "urls", *options)
    with pytest.raises(OperatorError, match="needs a file with addresses"):
        run(app, "import", tmp_path, "--from", "urls")
