"""`manage.py import` and `manage.py export`: many files at once."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from open_event_uploads.cli import cli
from open_event_uploads.context import db
from open_event_uploads.errors import InvalidImport, InvalidManifest, UnreadableFile
from open_event_uploads.maintenance import export_uploads
from open_event_uploads.maintenance.import_sources.local_file import open_below
from open_event_uploads.maintenance.manifest import MANIFEST, Entry, read_entries
from open_event_uploads.maintenance.whole_file import WholeFile
from open_event_uploads.uploads import walk as walk_uploads
from open_event_uploads.uploads.model import Upload
from tests.accounts import account, bearer
from tests.conftest import AppFactory
from tests.documents import path_of, upload
from tests.images import picture
from tests.stored import StoredFiles


def run(app: Flask, *arguments: object) -> tuple[int, dict[str, int], str]:
    result = app.test_cli_runner().invoke(cli, [*map(str, arguments), "--json"])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, json.loads(result.stdout), result.stderr


def photo() -> bytes:
    """A picture that tells what took it."""
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    return picture("JPEG", exif=exif)


def listed(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.get("/v1/uploads?sort=filename&page[size]=100")
    return list(answer.get_json()["data"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures, one of them in a folder; a text, and what is hidden."""
    found = tmp_path / "pictures"
    (found / "2026").mkdir(parents=True)
    (found / ".git").mkdir()
    (found / "stage.png").write_bytes(picture())
    (found / "2026" / "wave.gif").write_bytes(picture("GIF"))
    (found / "notes.txt").write_text("no picture")
    (found / ".hidden.png").write_bytes(picture(colour="red"))
    (found / ".git" / "x.png").write_bytes(picture(colour="blue"))
    return found


def write(folder: Path, *lines: object) -> Path:
    path = folder / MANIFEST
    path.write_text(
        "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in lines)
    )
    return path


# --- Import -----------------------------------------------------------------------------------


def test_a_folder_is_imported_once(app: Flask, client: FlaskClient, folder: Path) -> None:
    status, report, lines = run(app, "import", folder)
    assert (status, report) == (1, {"files": 3, "imported": 2, "there": 0, "problems": 1})
    assert "notes.txt: unsupported-file-type: " in lines
    assert [each["attributes"]["filename"] for each in listed(client)] == ["stage.png", "wave.gif"]
    assert client.get(path_of(listed(client)[0]["attributes"]["url"])).data == picture()
    status, report, _ = run(app, "import", folder)
    assert (report["imported"], report["there"]) == (0, 2)
    assert len(listed(client)) == 2


def test_what_was_uploaded_otherwise_is_there_though_it_was_made_smaller(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    sent = photo()
    made = upload(client, sent)
    assert made["attributes"]["size"] < len(sent)
    folder = tmp_path / "again"
    folder.mkdir()
    (folder / "sent.jpg").write_bytes(sent)
    (folder / "served.jpg").write_bytes(client.get(path_of(made["attributes"]["url"])).data)
    assert run(app, "import", folder)[1] == {
        "files": 2,
        "imported": 0,
        "there": 2,
        "problems": 0,
    }


def test_a_manifest_says_more_of_each_file(app: Flask, client: FlaskClient, folder: Path) -> None:
    ada = account(app)
    manifest = write(
        folder,
        {"file": "stage.png", "alt": "The main stage", "owner": "ADA@example.org"},
        "",
        {"file": "2026/wave.gif", "filename": "../../hello", "visibility": "private"},
    )
    assert run(app, "import", manifest, "--owner", ada)[0] == 0
    wave, stage = listed(client)
    assert stage["attributes"]["alt"] == "The main stage"
    assert {each["relationships"]["owner"]["data"]["id"] for each in (stage, wave)} == {ada}
    assert (wave["attributes"]["filename"], wave["attributes"]["visibility"]) == (
        "hello",
        "private",
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 1: "),
        ("[]", "line 1: "),
        ('{"alt": "x"}', "line 1: "),
        ('{"file": 1}', "line 1: "),
        ('{"file": "stage.png", "visibility": "secret"}', "line 1: "),
        ('{"file": "stage.png", "alt": "\\u0000"}', "line 1: "),
        ({"file": "stage.png", "alt": "x" * 2001}, "line 1: "),
        ({"file": "stage.png", "owner": "nobody@example.org"}, "stage.png: no user has this email"),
        ({"file": "stage.png", "id": "1"}, "stage.png: `id` must be a UUID"),
        ({"file": "stage.png", "created-at": "2026-11-24T00:00:00"}, "stage.png: `created-at`"),
        ({"file": "stage.png", "created-at": "0001-01-01T00:00:00+14:00"}, "before the year 1"),
        ({"file": "stage.png", "created-at": "9999-12-31T23:59:59-01:00"}, "after the year 9999"),
        ({"file": "stage.png", "expires-at": "9999-12-31T23:59:59-01:00"}, "line 1: "),
        ({"file": "stage.png", "x": "x" * 2**20}, "line 1: it has more than 1048576 bytes"),
        ("\n" * 5 + "[" * 2**22, "line 6: it has more than 1048576 bytes"),
        (
            {"file": "stage.png", "checksum": "sha256:0"},
            "stage.png: the file does not have the checksum",
        ),
        ({"file": "nowhere.png"}, "nowhere.png: there is no such file"),
        ({"file": "2026"}, "2026: there is no such file"),
        ({"file": "../outside.png"}, "../outside.png: there is no such file"),
        ({"file": "link.png"}, "link.png: there is no such file"),
        ({"file": "/etc/hostname"}, "/etc/hostname: there is no such file"),
        ({"file": "a\0b"}, "cannot be read"),
    ],
)
def test_a_line_that_cannot_be_is_named_and_the_rest_goes_on(
    app: Flask, folder: Path, line: object, reason: str
) -> None:
    outside = folder.parent / "outside.png"
    outside.write_bytes(picture())
    (folder / "link.png").symlink_to(outside)
    status, report, lines = run(app, "import", write(folder, line, {"file": "2026/wave.gif"}))
    assert (status, report["imported"], report["problems"]) == (1, 1, 1)
    assert reason in lines


@given(st.binary().map(lambda line: line.replace(b"\n", b"")))
def test_any_line_is_an_entry_or_is_named(
    tmp_path_factory: pytest.TempPathFactory, line: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / MANIFEST
    path.write_bytes(line)
    assert all(isinstance(each, Entry | InvalidManifest) for each in read_entries(path))


def test_a_manifest_of_windows_is_read(app: Flask, folder: Path) -> None:
    manifest = folder / "list.jsonl"
    manifest.write_text('{"file": "stage.png"}\r\n\r\n{"file": "2026/wave.gif"}', "utf-8-sig")
    assert run(app, "import", manifest)[:2] == (
        0,
        {"files": 2, "imported": 2, "there": 0, "problems": 0},
    )


@pytest.mark.parametrize("content", [picture(), b"https://old.example.org/a.png\n"])
def test_a_file_that_is_no_manifest_is_refused_in_one_line(
    app: Flask, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "stage.png"
    path.write_bytes(content)
    with pytest.raises(InvalidImport, match="is no manifest"):
        run(app, "import", path)


def test_what_is_no_file_in_a_folder_is_named(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "circle.png").symlink_to("circle.png")
    (folder / "elsewhere").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe.png")
    (folder / "closed").mkdir()
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    status, report, lines = run(app, "import", folder)
    assert (status, report["imported"], report["problems"]) == (1, 2, 5)
    assert "circle.png: there is no such file" in lines
    assert "pipe.png: there is no such file" in lines
    assert "elsewhere: a link to a folder" in lines
    assert "the folder cannot be read: [Errno 13] Permission denied" in lines


def test_a_file_that_becomes_a_pipe_does_not_hold_up_an_import(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(folder / "pipe.png")
    monkeypatch.setattr(Path, "is_file", lambda _: True)
    with pytest.raises(UnreadableFile, match="there is no such file"):
        open_below(folder, "pipe.png")


def test_both_files_of_addresses_need_a_name_each(app: Flask, folder: Path) -> None:
    out = folder.parent / "out"
    with pytest.raises(InvalidImport, match="need a file each"):
        run(app, "import", folder, "--map", out, "--nginx", folder / ".." / "out")


def test_a_map_that_cannot_be_written_is_named(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(WholeFile, "write", refuse)
    with pytest.raises(InvalidImport, match=r"^--map, --nginx: .*No space left"):
        run(app, "import", folder, "--map", folder.parent / "map.jsonl")


def test_the_terminal_does_not_obey_the_name_of_an_owner(app: Flask, folder: Path) -> None:
    account(app, "ada")
    line = {"file": "stage.png", "owner": "\x1b]0;owned\x07@example.org"}
    lines = run(app, "import", write(folder, line), "--owner", "ada@example.org")[2]
    assert "owned" in lines
    assert "\x1b" not in lines


def test_a_dry_run_imports_nothing(app: Flask, client: FlaskClient, folder: Path) -> None:
    assert run(app, "import", folder, "--dry-run")[1] == {
        "files": 3,
        "imported": 2,
        "there": 0,
        "problems": 1,
    }
    assert listed(client) == []


def test_a_daily_limit_is_not_for_operators_but_the_quota_holds(
    make_app: AppFactory, folder: Path
) -> None:
    app = make_app(daily_bytes=1, quota_bytes=len(picture()))
    ada = account(app)
    status, report, lines = run(app, "import", folder, "--owner", ada)
    assert (status, report["imported"]) == (1, 1)
    assert "quota-exceeded" in lines


# --- Export -----------------------------------------------------------------------------------


@pytest.fixture
def uploads(app: Flask, client: FlaskClient) -> list[dict[str, Any]]:
    """Two of the same bytes, a private one, and one that was made smaller; all are Ada's."""
    client.sign_in(bearer(app, account(app)))  # type: ignore[attr-defined]  # ours
    for n in range(2):
        upload(client, picture(), filename=f"{n}.png", alt="The main stage")
    upload(client, picture("GIF"), filename="secret.gif", visibility="private")
    upload(client, photo(), filename="photo.jpg")
    client.begin()  # type: ignore[attr-defined]  # ours
    return listed(client)


def facts(document: dict[str, Any]) -> dict[str, Any]:
    changing = {"url", "updated-at"}
    kept = {k: v for k, v in document["attributes"].items() if k not in changing}
    return {"id": document["id"], **kept}


def test_what_is_exported_can_be_imported_elsewhere(
    app: Flask, uploads: list[dict[str, Any]], make_app: AppFactory, tmp_path: Path
) -> None:
    folder = tmp_path / "exported"
    assert run(app, "export", folder)[:2] == (
        0,
        {"files": 4, "exported": 4, "there": 0, "problems": 0},
    )
    lines = [json.loads(line) for line in (folder / MANIFEST).read_text().splitlines()]
    assert {each["id"] for each in lines} == {each["id"] for each in uploads}
    assert not list(folder.glob("temporary/*"))
    other_dir = tmp_path / "other"
    other = make_app(
        data_dir=other_dir,
        database_url=f"sqlite:///{other_dir}/other.sqlite3",
        storage_url=f"file://{other_dir}/storage",
    )
    client = other.test_client()
    assert {each["owner"] for each in lines} == {"ada@example.org"}
    account(other)
    assert run(other, "import", folder)[:2] == (
        0,
        {"files": 4, "imported": 4, "there": 0, "problems": 0},
    )
    assert [facts(each) for each in listed(client)] == [facts(each) for each in uploads]
    assert run(other, "import", folder)[1]["there"] == 4


@pytest.mark.usefixtures("uploads")
def test_a_second_export_copies_what_is_new_and_forgets_what_is_gone(
    app: Flask, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk_uploads, "_BATCH", 2)
    folder = tmp_path / "exported"
    assert run(app, "export", folder, "--dry-run")[1]["exported"] == 4
    assert not folder.exists()
    run(app, "export", folder)
    assert client.delete(f"/v1/uploads/{listed(client)[0]['id']}").status_code == 204
    upload(client, picture(colour="red"))
    assert run(app, "export", folder)[1] == {
        "files": 4,
        "exported": 1,
        "there": 3,
        "problems": 0,
    }
    assert len((folder / MANIFEST).read_text().splitlines()) == 4


def test_damaged_and_missing_bytes_are_named_and_not_exported(
    app: Flask, uploads: list[dict[str, Any]], stored_files: StoredFiles, tmp_path: Path
) -> None:
    files = {each.name: each for each in stored_files()}
    names = [Path(path_of(each["attributes"]["url"])).name for each in uploads[:2]]
    files[names[0]].write_bytes(b"x")
    files[names[1]].unlink()
    status, report, lines = run(app, "export", tmp_path / "exported")
    assert (status, report["exported"], report["problems"]) == (1, 2, 2)
    assert f"{uploads[0]['id']}: wrong-checksum" in lines
    assert f"{uploads[1]['id']}: missing" in lines
    assert len((tmp_path / "exported" / MANIFEST).read_text().splitlines()) == 2


def test_what_is_deleted_while_it_is_exported_is_no_problem(
    app: Flask, uploads: list[dict[str, Any]], tmp_path: Path
) -> None:
    found = []
    with app.app_context():
        storage = app.extensions["uploads_storage"]
        exporting = export_uploads.export_uploads(
            tmp_path / "exported", engine=db.engine, storage=storage
        )
        found.append(next(exporting).outcome)
        client = app.test_client()
        for each in uploads:
            assert client.delete(f"/v1/uploads/{each['id']}").status_code == 204
        found += [each.outcome for each in exporting]
        assert db.session.query(Upload).count() == 0
    assert found == ["done", "gone", "gone", "gone"]
