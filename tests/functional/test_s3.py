"""The application on a real S3 server."""

import json
import os
import subprocess
import sys
import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from open_event_uploads.cli import cli
from open_event_uploads.context import current_storage, db
from open_event_uploads.errors import ForeignStorage, SweepRefused
from open_event_uploads.maintenance.sweep import sweep
from tests.conftest import AppFactory
from tests.documents import path_of, upload
from tests.images import picture
from tests.ports import free_port
from tests.s3 import CREDENTIALS, READER, S3Server

SECRET = "s" * 40
MANAGE = Path(__file__).parents[2] / "manage.py"
CONTENT = picture(size=(640, 480))


@pytest.fixture
def on_s3(make_app: AppFactory, s3: S3Server) -> Flask:
    return make_app(storage_url=s3.url(), secret_key=SECRET)


def test_a_file_is_kept_served_in_parts_and_deleted(on_s3: Flask) -> None:
    client = on_s3.test_client()
    made = upload(client, CONTENT)
    url = path_of(made["attributes"]["url"])
    whole = client.get(url)
    assert (whole.status_code, whole.data) == (200, CONTENT)
    part = client.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, CONTENT[10:20])
    etag = whole.headers["ETag"]
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert client.delete(f"/v1/uploads/{made['id']}").status_code == 204
    assert client.get(url).status_code == 404
    with on_s3.app_context():
        assert list(current_storage().objects()) == []


def test_variants_are_made_when_they_are_asked_for(on_s3: Flask) -> None:
    client = on_s3.test_client()
    upload(client, CONTENT)
    (first, *_) = client.get("/v1/uploads?include=variants").get_json()["included"]
    for _ in range(2):
        answer = client.get(path_of(first["attributes"]["url"]))
        assert answer.headers["Content-Type"] == first["attributes"]["media-type"]
    with on_s3.app_context():
        assert len(list(current_storage().objects())) == 2


def test_it_is_swept_and_verified(on_s3: Flask) -> None:
    upload(on_s3.test_client(), CONTENT)
    with on_s3.app_context():
        current_storage().put("orphan.png", b"x")
    runner = on_s3.test_cli_runner()
    swept = runner.invoke(cli, ["sweep", "--grace-hours", "0", "--force", "--json"])
    assert json.loads(swept.stdout)["removed"] == 1
    assert runner.invoke(cli, ["verify"]).exit_code == 0


def test_a_sweep_that_would_take_too_much_is_refused_here_too(on_s3: Flask) -> None:
    upload(on_s3.test_client(), CONTENT)
    with on_s3.app_context():
        current_storage().put("orphan.png", b"x")
    with on_s3.app_context(), pytest.raises(SweepRefused, match="1 of 2 objects"):
        sweep(engine=db.engine, storage=current_storage(), presets=(), grace=timedelta(0))
    with on_s3.app_context():
        assert len(list(current_storage().objects())) == 2


@pytest.mark.parametrize("marker", [str(uuid.uuid4()), ""], ids=["another's", "empty"])
def test_another_databases_bucket_is_never_swept(on_s3: Flask, marker: str) -> None:
    with on_s3.app_context():
        current_storage().put("orphan.png", b"x")
        current_storage().write_marker(marker)
    with pytest.raises(ForeignStorage, match="UPLOADS_STORAGE_URL"):
        on_s3.test_cli_runner().invoke(
            cli, ["sweep", "--grace-hours", "0", "--force"], catch_exceptions=False
        )
    with on_s3.app_context():
        assert [each.key for each in current_storage().objects()] == ["orphan.png"]


def start(tmp_path: Path, url: str, credentials: dict[str, str]) -> tuple[float, str]:
    """How long the start took to fail, and what it said."""
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("UPLOADS_", "AWS_"))}
    settings = {
        "UPLOADS_DATA_DIR": str(tmp_path),
        "UPLOADS_STORAGE_URL": url,
        "UPLOADS_SECRET_KEY": SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    begun = time.monotonic()
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, MANAGE, "serve", "--port", str(free_port())],
        env={**outside, **settings, **credentials},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    (line,) = ended.stderr.strip().splitlines()
    return time.monotonic() - begun, line


@pytest.mark.server
@pytest.mark.parametrize(
    ("change", "credentials", "reason"),
    [
        (lambda url: url.partition("endpoint")[0] + "endpoint=http://127.0.0.1:1", CREDENTIALS,
         "Could not connect"),
        (lambda url: url, {}, "Unable to locate credentials"),
        (lambda url: url, {**CREDENTIALS, "AWS_SECRET_ACCESS_KEY": "x"}, "SignatureDoesNotMatch"),
        (lambda url: url, READER, "AccessDenied"),
        (lambda url: f"{url}&acl=x", CREDENTIALS, "expected s3://bucket"),
    ],
    ids=["nobody there", "no credentials", "wrong credentials", "read only", "wrong"],
)  # fmt: skip
def test_a_storage_that_cannot_be_used_stops_the_start_with_one_line(
    tmp_path: Path, s3: S3Server, change: object, credentials: dict[str, str], reason: str
) -> None:
    assert callable(change)
    seconds, line = start(tmp_path, change(s3.url()), credentials)
    assert "UPLOADS_STORAGE_URL: " in line
    assert reason in line
    assert seconds < 10
