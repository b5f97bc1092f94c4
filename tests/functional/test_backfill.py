"""`manage.py backfill`: what newer versions know is written down of older uploads."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text, update

from open_event_uploads.context import current_storage, db
from open_event_uploads.maintenance import backfill as service
from open_event_uploads.maintenance.backfill import backfill
from open_event_uploads.uploads.model import Upload
from tests.conftest import AppFactory
from tests.documents import COLLECTION, data_uri, patch, upload
from tests.functional.test_leases import expire
from tests.functional.test_sweep_and_verify import run as manage
from tests.images import landscape, picture
from tests.stored import StoredFiles


def report(app: Flask, *options: str) -> tuple[int, dict[str, int]]:
    status, output = manage(app, "backfill", "--json", *options)
    found: dict[str, int] = json.loads(output)
    return status, found


def forget(app: Flask, *ids: str) -> None:
    """What an older version would not have known."""
    with app.app_context():
        columns = {"placeholder": None, "color": None, "received_checksum": ""}
        statement = update(Upload).values(**columns, updated_at=Upload.updated_at)
        db.session.execute(statement.where(Upload.id.in_(ids)) if ids else statement)
        db.session.commit()


def row(app: Flask, id_: str) -> Upload:
    with app.app_context():
        return db.session.scalars(select(Upload).where(Upload.id == id_)).one()


def answer(client: FlaskClient, id_: str) -> tuple[Any, str]:
    response = client.get(f"{COLLECTION}/{id_}")
    return response.json, response.headers["ETag"]


def test_an_upload_of_the_first_version_becomes_like_one_of_today(
    make_app: AppFactory, app: Flask, client: FlaskClient
) -> None:
    content = landscape("#89c2d9", "#ffd166", (60, 40))
    today = upload(client, content)
    with app.app_context():
        downgrade(revision="20261123_uploads")
        with db.engine.connect() as connection:
            columns = connection.execute(text("SELECT * FROM uploads")).keys()
        assert not {"placeholder", "color", "received_checksum"} & set(columns)
        upgrade()
    again = make_app()
    assert row(again, today["id"]).placeholder is None
    assert report(again) == (0, {"incomplete": 1, "filled": 1, "failed": 0})
    found = row(again, today["id"])
    assert found.placeholder == today["attributes"]["placeholder"]
    assert found.color == today["attributes"]["color"]
    assert found.received_checksum == today["attributes"]["checksum"]
    assert report(again) == (0, {"incomplete": 0, "filled": 0, "failed": 0})


def test_clients_see_what_is_new_and_no_other_version(app: Flask, client: FlaskClient) -> None:
    made = upload(client, picture())
    before, tag = answer(client, made["id"])
    forget(app)
    assert report(app)[1]["filled"] == 1
    assert answer(client, made["id"]) == (before, tag)


def test_a_dry_run_counts_and_changes_nothing(app: Flask, client: FlaskClient) -> None:
    made = upload(client, picture())
    forget(app)
    assert report(app, "--dry-run") == (0, {"incomplete": 1, "filled": 0, "failed": 0})
    assert row(app, made["id"]).placeholder is None
    assert "nothing changed (dry run)" in manage(app, "backfill", "--dry-run")[1]


def test_it_goes_on_where_it_was_stopped(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        upload(client, picture(size=(2, 2)))
    forget(app)
    monkeypatch.setattr(service, "_BATCH", 2)

    def stop(done: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with app.app_context(), pytest.raises(KeyboardInterrupt):
        backfill(engine=db.engine, storage=current_storage(), progress=stop)
    assert report(app) == (0, {"incomplete": 1, "filled": 1, "failed": 0})


def test_what_cannot_be_looked_at_is_left_and_said(
    app: Flask, client: FlaskClient, stored_files: StoredFiles
) -> None:
    for _ in range(3):
        upload(client, picture())
    forget(app)
    missing, damaged, _ = stored_files()
    missing.unlink()
    damaged.write_bytes(b"no picture")
    assert report(app) == (1, {"incomplete": 3, "filled": 1, "failed": 2})
    assert report(app) == (1, {"incomplete": 2, "filled": 0, "failed": 2})


def test_limits_of_today_do_not_matter(make_app: AppFactory) -> None:
    client = make_app().test_client()
    made = upload(client, picture("GIF", (30, 20)))
    app = make_app(max_pixels=1, max_bytes=1, media_types="image/png")
    forget(app)
    assert report(app)[1]["filled"] == 1
    assert row(app, made["id"]).color == "#008080"


def test_what_changed_meanwhile_is_left_to_the_next_run(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = upload(client, picture())
    forget(app)
    fill = service._fill  # noqa: SLF001 - the moment before it writes

    def late(*arguments: Any) -> int:  # noqa: ANN401 - the function's own
        assert patch(client, made["id"], data=data_uri(picture(colour="red"))).status_code == 200
        return fill(*arguments)

    monkeypatch.setattr(service, "_fill", late)
    assert report(app)[1] == {"incomplete": 1, "filled": 0, "failed": 0}
    assert row(app, made["id"]).color == "#ff0000"


def test_nobody_looks_at_what_is_not_handed_out(app: Flask, client: FlaskClient) -> None:
    over, withheld = (upload(client, picture())["id"] for _ in range(2))
    forget(app)
    expire(app, over)
    with app.app_context():
        of_withheld = Upload.id == withheld
        db.session.execute(update(Upload).where(of_withheld).values(status="quarantined"))
        db.session.commit()
    assert report(app)[1]["incomplete"] == 0
