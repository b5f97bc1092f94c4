"""`manage.py sweep` and `manage.py verify`."""

import json
import os
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from open_event_uploads.cli import cli
from open_event_uploads.context import current_storage, db
from open_event_uploads.database.types import now
from open_event_uploads.errors import ForeignStorage, SweepRefused
from open_event_uploads.maintenance import sweep as service
from open_event_uploads.maintenance.instance import Instance
from open_event_uploads.maintenance.survey_storage import remove_unused
from open_event_uploads.uploads.model import Upload
from tests.documents import path_of, upload
from tests.images import picture
from tests.stored import StoredFile, StoredFiles

pytestmark = pytest.mark.default_stack("gives files another age; test_s3 sweeps a bucket")

TWO_DAYS = 2 * 24 * 3600


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(cli, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def age(path: object) -> None:
    assert isinstance(path, Path)
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
        "expired": 0,
        "expired_bytes": 0,
        "abandoned": 0,
        "abandoned_bytes": 0,
        "objects": 1,
        "orphans": 0,
        "orphan_bytes": 0,
        "stale": 0,
        "stale_bytes": 0,
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


@pytest.mark.parametrize("marker", [str(uuid.uuid4()), None], ids=["another", "none"])
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


# --- Leases and stale variants ----------------------------------------------------------------


def swept(app: Flask, *options: str) -> dict[str, int]:
    found: dict[str, int] = json.loads(run(app, "sweep", "--json", *options)[1])
    return found


def test_expired_uploads_go_and_are_no_orphans(
    app: Flask, client: FlaskClient, stored_files: StoredFiles
) -> None:
    for _ in range(2):
        upload(client, picture(), **{"expires-at": "2030-01-01T00:00:00Z"})
    upload(client, picture())
    with app.app_context():
        leased = Upload.expires_at.is_not(None)
        over = now() - timedelta(seconds=1)
        db.session.execute(update(Upload).where(leased).values(expires_at=over))
        db.session.commit()
    for file in stored_files():
        age(file)
    expected = {"expired": 2, "expired_bytes": 2 * len(picture()), "orphans": 0}
    assert expected.items() <= swept(app, "--dry-run").items()
    assert len(stored_files()) == 3
    assert {**expected, "objects": 1, "removed": 2}.items() <= swept(app).items()
    assert len(stored_files()) == 1


def make_variants(app: Flask, client: FlaskClient, stored_files: StoredFiles) -> list[StoredFile]:
    upload(client, picture("JPEG", (900, 600)))
    assert run(app, "variants", "warm")[0] == 0
    for file in stored_files():
        age(file)
    return [each for each in stored_files() if each.name.endswith(".webp")]


def presets_changed_long_ago(app: Flask) -> None:
    with app.app_context():
        long_ago = now() - timedelta(seconds=TWO_DAYS)
        db.session.execute(update(Instance).values(presets_since=long_ago))
        db.session.commit()


def test_what_presets_of_the_past_made_goes_a_while_after_they_changed(
    app: Flask, client: FlaskClient, stored_files: StoredFiles
) -> None:
    variants = make_variants(app, client, stored_files)
    presets_changed_long_ago(app)
    assert swept(app)["stale"] == 0
    run(app, "presets", "update", "icon", "--quality", "33")
    run(app, "presets", "delete", "small", "--yes")
    presets_changed_long_ago(app)
    # They have changed since somebody looked: what pages still show is left alone.
    assert swept(app)["stale"] == 0
    assert swept(app)["stale"] == 0
    presets_changed_long_ago(app)
    assert swept(app, "--dry-run")["stale"] == 2
    assert len(stored_files()) == len(variants) + 1
    found = swept(app)
    assert (found["stale"], found["orphans"], found["removed"]) == (2, 0, 2)
    assert found["stale_bytes"] > 0
    left = {each.name for each in stored_files()}
    assert len(left & {each.name for each in variants}) == len(variants) - 2
    assert swept(app)["stale"] == 0


def test_a_dry_run_remembers_no_presets(app: Flask) -> None:
    assert swept(app, "--dry-run")["removed"] == 0
    with app.app_context():
        assert db.session.scalars(select(Instance.presets_digest)).one() is None


def test_young_variants_are_left_alone_whatever_made_them(
    app: Flask, client: FlaskClient, stored_files: StoredFiles
) -> None:
    variants = make_variants(app, client, stored_files)
    swept(app)
    run(app, "presets", "update", "icon", "--quality", "33")
    swept(app)
    presets_changed_long_ago(app)
    for each in variants:
        each.write_bytes(each.read_bytes())
    assert swept(app)["stale"] == 0


def test_no_more_orphans_go_than_were_counted(
    app: Flask, client: FlaskClient, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(client, picture())
    orphan(app, data_dir)

    def late(*arguments: Any) -> int:  # noqa: ANN401 - the function's own
        for _ in range(3):
            orphan(app, data_dir)
        return remove_unused(*arguments)

    monkeypatch.setattr(service, "remove_unused", late)
    assert swept(app, "--force")["removed"] == 1
