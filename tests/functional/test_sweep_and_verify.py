"""`manage.py sweep` and `manage.py verify`."""

import json
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from open_event_uploads.cli import cli
from open_event_uploads.errors import ForeignStorage, SweepRefused
from open_event_uploads.extensions import current_storage
from tests.documents import path_of, upload
from tests.images import picture

StoredFiles = Callable[[], list[Path]]
TWO_DAYS = 2 * 24 * 3600


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(cli, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def age(path: Path) -> None:
    long_ago = time.time() - TWO_DAYS
    os.utime(path, (long_ago, long_ago))


def orphan(app: Flask, data_dir: Path, *, old: bool = True) -> Path:
    key = f"{uuid.uuid4()}.png"
    with app.app_context():
        current_storage().put(key, b"orphan")
    path = data_dir / "storage" / "objects" / key[:2] / key
    if old:
        age(path)
    return path


def test_nothing_to_do(app: Flask, client: FlaskClient, stored_files: StoredFiles) -> None:
    upload(client, picture())
    for file in stored_files():
        age(file)
    status, output = run(app, "sweep", "--json")
    assert status == 0
    assert json.loads(output) == {
        "objects": 1,
        "orphans": 0,
        "orphan_bytes": 0,
        "temporary": 0,
        "removed": 0,
    }
    assert len(stored_files()) == 1


def test_more_than_one_percent_is_refused_and_force_removes_it(
    app: Flask, client: FlaskClient, data_dir: Path
) -> None:
    kept = upload(client, picture())
    path = orphan(app, data_dir)
    with pytest.raises(SweepRefused, match="1 of 2 objects"):
        run(app, "sweep")
    assert path.exists()
    assert json.loads(run(app, "sweep", "--dry-run", "--json")[1])["orphans"] == 1
    assert path.exists()
    assert json.loads(run(app, "sweep", "--force", "--json")[1])["removed"] == 1
    assert not path.exists()
    assert client.get(path_of(kept["attributes"]["url"])).data == picture()


def test_one_percent_is_removed_without_force(
    app: Flask, client: FlaskClient, data_dir: Path
) -> None:
    for _ in range(99):
        upload(client, picture(size=(1, 1)))
    path = orphan(app, data_dir)
    assert "1 removed" in run(app, "sweep")[1]
    assert not path.exists()


def test_what_is_young_is_left_alone(app: Flask, data_dir: Path) -> None:
    path = orphan(app, data_dir, old=False)
    assert json.loads(run(app, "sweep", "--json")[1])["orphans"] == 0
    assert path.exists()


def test_interrupted_writes_are_removed(app: Flask, client: FlaskClient, data_dir: Path) -> None:
    upload(client, picture())
    young, old = (data_dir / "storage" / "temporary" / name for name in ("young", "old"))
    young.write_bytes(b"half")
    old.write_bytes(b"half")
    age(old)
    assert json.loads(run(app, "sweep", "--json")[1])["temporary"] == 1
    assert (young.exists(), old.exists()) == (True, False)


@pytest.mark.parametrize("marker", [str(uuid.uuid4()), None])
def test_another_databases_storage_is_never_swept(
    app: Flask, data_dir: Path, marker: str | None
) -> None:
    path = orphan(app, data_dir)
    file = data_dir / "storage" / "instance"
    file.unlink()
    if marker:
        file.write_text(marker)
    with pytest.raises(ForeignStorage, match="UPLOADS_STORAGE_URL"):
        run(app, "sweep", "--force")
    assert path.exists()


def test_verify_finds_what_is_missing_cut_or_changed(
    app: Flask, client: FlaskClient, stored_files: StoredFiles
) -> None:
    for _ in range(4):
        upload(client, picture())
    assert run(app, "verify") == (0, "4 uploads checked, 0 problems\n")
    missing, cut, changed, _ = stored_files()
    content = cut.read_bytes()
    missing.unlink()
    cut.write_bytes(content[:-1])
    changed.write_bytes(content[:-1] + b"x")
    status, output = run(app, "verify", "--json")
    assert status == 1
    *found, summary = map(json.loads, output.splitlines())
    assert {each["key"]: each["problem"] for each in found} == {
        missing.name: "missing",
        cut.name: "wrong-size",
        changed.name: "wrong-checksum",
    }
    assert (summary["checked"], summary["problems"]) == (4, 3)
