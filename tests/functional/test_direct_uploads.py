"""Direct uploads: announced, sent to a real S3 server past ours, judged there, published."""

import base64
import hashlib
import json
import shlex
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from open_event_uploads.cli import cli
from open_event_uploads.context import current_storage, db
from open_event_uploads.database.types import now
from open_event_uploads.jsonapi.fields import timestamp
from open_event_uploads.openapi.attributes import ONE_PIXEL
from open_event_uploads.uploads import publish as service
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.store import StoredFile
from open_event_uploads.uploads.store import store_file as store_as_ever
from open_event_uploads.uploads.usage import Usage
from tests.conftest import AppFactory, Stranger
from tests.documents import (
    COLLECTION,
    JSON_API,
    data_uri,
    document,
    only_error,
    patch,
    path_of,
    post,
    upload,
)
from tests.images import noise, picture
from tests.s3 import S3Server
from tests.users import ADA, BOB, by, with_users

SECRET = "s" * 40
FILES = Path(__file__).parents[1] / "files"
PICTURE = picture(size=(64, 48))
ANNOUNCEMENTS = ("filename", "media-type", "size", "checksum")
Resource = dict[str, Any]
Made = Callable[..., Flask]


@pytest.fixture
def make(make_app: AppFactory, s3: S3Server) -> Made:
    def make(**settings: object) -> Flask:
        settings = {"storage_url": s3.url(), "secret_key": SECRET, **settings}
        return with_users(make_app(**settings))

    return make


@pytest.fixture
def app(make: Made) -> Flask:
    return make()


@pytest.fixture
def ada(app: Flask) -> FlaskClient:
    return as_(app, ADA)


def as_(app: Flask, user_id: str) -> FlaskClient:
    client = Stranger(app)
    client.sign_in(by(user_id))
    return client


def checksum(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def announcement(content: bytes, **attributes: object) -> dict[str, object]:
    return {
        "filename": "talk.png",
        "media-type": "image/png",
        "size": len(content),
        "checksum": checksum(content),
        **attributes,
    }


def announce(client: FlaskClient, content: bytes, **attributes: object) -> Resource:
    response = post(client, document(announcement(content, **attributes)))
    assert response.status_code == 201, response.text
    resource: Resource = response.json["data"]  # type: ignore[index]  # it has a body
    return resource


def send(announced: Resource, content: bytes, **headers: str) -> int:
    """Sends bytes as the answer says; returns the store's status."""
    leave = announced["meta"]["upload"]
    said = {**leave["headers"], **headers}
    request = Request(leave["url"], content, said, method=leave["method"])  # noqa: S310 - the store's
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


def publish(client: FlaskClient, announced: Resource, **attributes: object) -> TestResponse:
    return patch(client, announced["id"], status="ready", **attributes)


def published(client: FlaskClient, content: bytes = PICTURE, **attributes: object) -> Resource:
    """One that has gone all the way."""
    announced = announce(client, content, **attributes)
    assert send(announced, content) == 200
    response = publish(client, announced)
    assert response.status_code == 200, response.text
    return dict(response.json["data"])  # type: ignore[index]  # it has a body


def read(client: FlaskClient, id_: str) -> Resource:
    return dict(client.get(f"{COLLECTION}/{id_}").get_json()["data"])


def keys(app: Flask) -> list[str]:
    with app.app_context():
        return sorted(each.key for each in current_storage().objects())


def stored_bytes(app: Flask, user_id: str) -> int:
    with app.app_context():
        usage = db.session.get(Usage, user_id)
        return usage.stored_bytes if usage else 0


# --- All the way ------------------------------------------------------------------------------


def test_what_was_announced_is_sent_to_the_store_and_published(
    app: Flask, ada: FlaskClient
) -> None:
    announced = announce(ada, PICTURE, alt="A talk")
    attributes = announced["attributes"]
    assert (attributes["status"], attributes["url"]) == ("pending", None)
    assert announced["relationships"]["owner"]["data"]["id"] == ADA
    assert keys(app) == []
    assert send(announced, PICTURE) == 200
    (pending,) = keys(app)
    assert pending.startswith("pending/")
    made = publish(ada, announced).get_json()["data"]
    attributes = made["attributes"]
    assert (attributes["status"], attributes["alt"]) == ("ready", "A talk")
    assert (attributes["width"], attributes["height"]) == (64, 48)
    assert attributes["expires-at"] is None
    assert attributes["checksum"] == checksum(PICTURE)
    assert "meta" not in made
    (key,) = keys(app)
    assert key != pending.removeprefix("pending/")
    assert Stranger(app).get(path_of(attributes["url"])).data == PICTURE
    assert Stranger(app).get(f"{COLLECTION}/{made['id']}").status_code == 200


def test_the_example_of_the_documentation_can_be_pasted(ada: FlaskClient) -> None:
    page = (FILES.parents[1] / "docs/how-to/direct-uploads.md").read_text("utf-8")
    (line,) = [each for each in page.splitlines() if each.startswith("curl ")]
    response = ada.post(COLLECTION, data=shlex.split(line)[-1], content_type=JSON_API)
    announced = response.get_json()["data"]
    content = base64.b64decode(ONE_PIXEL.partition(",")[2])
    assert send(announced, content) == 200
    assert publish(ada, announced).status_code == 200


def test_the_leave_is_said_once_and_for_these_bytes_alone(ada: FlaskClient) -> None:
    response = post(ada, document(announcement(PICTURE)))
    announced = response.get_json()["data"]
    leave = announced["meta"]["upload"]
    assert (leave["method"], leave["headers"]) == ("PUT", {"Content-Type": "image/png"})
    assert timestamp(now()) < leave["expires-at"] < timestamp(now() + timedelta(hours=2))
    again = ada.get(f"{COLLECTION}/{announced['id']}")
    assert "meta" not in again.get_json()["data"]
    assert again.headers["ETag"] == response.headers["ETag"]
    assert send(announced, PICTURE, **{"Content-Type": "text/html"}) == 403
    assert publish(ada, announced).status_code == 409


def test_data_may_be_null(ada: FlaskClient) -> None:
    assert announce(ada, PICTURE, data=None)["attributes"]["status"] == "pending"


def test_data_that_is_there_is_taken(ada: FlaskClient) -> None:
    made = upload(ada, PICTURE, **announcement(b"other"))
    assert (made["attributes"]["status"], made["attributes"]["size"]) == ("ready", len(PICTURE))


def test_metadata_is_taken_out_and_what_is_counted_follows(app: Flask, ada: FlaskClient) -> None:
    content = (FILES / "irs-exif-xmp-metadata.jpg").read_bytes()
    announced = announce(ada, content, **{"media-type": "image/jpeg"})
    assert stored_bytes(app, ADA) == len(content)
    assert send(announced, content) == 200
    attributes = publish(ada, announced).get_json()["data"]["attributes"]
    assert attributes["size"] < len(content)
    assert attributes["checksum"] != checksum(content)
    assert stored_bytes(app, ADA) == attributes["size"]
    again = patch(ada, announced["id"], data=data_uri(content))
    assert again.get_json()["data"]["attributes"]["url"] == attributes["url"]


def test_the_bytes_decide_what_it_is(ada: FlaskClient) -> None:
    content = noise((40, 30))
    attributes = published(ada, content)["attributes"]
    assert attributes["media-type"] == "image/jpeg"
    assert attributes["url"].endswith(".jpg")


def test_a_private_one_is_private(app: Flask, ada: FlaskClient) -> None:
    made = published(ada, visibility="private")
    assert made["attributes"]["visibility"] == "private"
    path = path_of(made["attributes"]["url"])
    assert path.startswith("/media/private/")
    assert (ada.get(path).status_code, Stranger(app).get(path).status_code) == (200, 404)


def test_names_and_who_may_see_it_may_change_with_it(ada: FlaskClient) -> None:
    announced = announce(ada, PICTURE)
    assert send(announced, PICTURE) == 200
    made = publish(ada, announced, alt="A stage", filename="stage.png", visibility="private")
    attributes = made.get_json()["data"]["attributes"]
    assert (attributes["alt"], attributes["filename"]) == ("A stage", "stage.png")
    assert attributes["url"].startswith("http://127.0.0.1:8000/media/private/")


def test_the_same_request_again_is_no_second_upload(ada: FlaskClient) -> None:
    body, key = document(announcement(PICTURE)), {"Idempotency-Key": "one"}
    first, second = (post(ada, body, headers=key) for _ in range(2))
    assert first.get_json() == second.get_json()
    assert ada.get(COLLECTION).get_json()["meta"]["count"] == 1


def test_publishing_again_changes_nothing(ada: FlaskClient) -> None:
    made = published(ada)
    again = publish(ada, made)
    assert (again.status_code, again.get_json()["data"]) == (200, made)


def test_a_client_that_sends_back_all_it_knows_publishes_too(ada: FlaskClient) -> None:
    """Ember Data sends every attribute; what a pending upload waits until is no lease."""
    announced = announce(ada, PICTURE)
    assert send(announced, PICTURE) == 200
    made = patch(ada, announced["id"], **{**announced["attributes"], "status": "ready"})
    assert made.status_code == 200, made.text
    attributes = made.get_json()["data"]["attributes"]
    assert (attributes["status"], attributes["expires-at"]) == ("ready", None)


def test_policies_say_whether_there_is_such_a_way(
    app: Flask, make_app: AppFactory, tmp_path: Path
) -> None:
    address = "/v1/policies/current"
    found = Stranger(app).get(address).get_json()["data"]["attributes"]
    assert found["direct-uploads"] is True
    other = make_app(storage_url=f"file://{tmp_path}/folder")
    found = Stranger(other).get(address).get_json()["data"]["attributes"]
    assert found["direct-uploads"] is False


def test_it_goes_on_while_the_bucket_moves(
    app: Flask, ada: FlaskClient, make_app: AppFactory, s3: S3Server
) -> None:
    before = announce(ada, PICTURE)
    moving = {"storage_url": s3.url(), "storage_previous_url": "", "secret_key": SECRET}
    moving["storage_previous_url"] = app.extensions["uploads_settings"].storage_url
    later = as_(make_app(**moving), ADA)
    # The bytes go where the old leave says, and are published into the new bucket.
    assert send(before, PICTURE) == 200
    made = publish(later, before).get_json()["data"]
    assert later.get(path_of(made["attributes"]["url"])).data == PICTURE
    assert keys(app) == []
    assert published(later, picture(colour="blue"))["attributes"]["status"] == "ready"
    assert keys(app) == []


# --- Leases -----------------------------------------------------------------------------------


def test_the_lease_that_was_wished_begins_when_it_is_published(make: Made) -> None:
    ada = as_(make(expires_after="3 days"), ADA)
    wished = timestamp(now() + timedelta(days=7))
    announced = announce(ada, PICTURE, **{"expires-at": wished})
    assert announced["attributes"]["expires-at"] < wished
    assert send(announced, PICTURE) == 200
    made = publish(ada, announced).get_json()["data"]
    assert made["attributes"]["expires-at"] == wished
    left = published(ada, picture(colour="blue"))["attributes"]["expires-at"]
    assert timestamp(now() + timedelta(days=2)) < left < timestamp(now() + timedelta(days=3))


def test_publishing_may_keep_it_for_good_or_until_another_time(make: Made) -> None:
    ada = as_(make(expires_after="3 days"), ADA)
    for wished in (None, timestamp(now() + timedelta(days=9))):
        announced = announce(ada, PICTURE)
        assert send(announced, PICTURE) == 200
        made = publish(ada, announced, **{"expires-at": wished}).get_json()["data"]
        assert made["attributes"]["expires-at"] == wished


def test_one_that_waits_is_not_claimed_by_a_lease(ada: FlaskClient) -> None:
    announced = announce(ada, PICTURE)
    for attributes in (
        {"expires-at": None},
        {"expires-at": timestamp(now() + timedelta(days=9))},
        {"visibility": "private"},
        {"data": data_uri(PICTURE)},
    ):
        refused = patch(ada, announced["id"], **attributes)
        assert (refused.status_code, only_error(refused)["code"]) == (409, "not-ready")
    assert patch(ada, announced["id"], alt="A talk").status_code == 200
    assert read(ada, announced["id"])["attributes"]["alt"] == "A talk"


def end(app: Flask, announced: Resource) -> None:
    """Its time is over."""
    with app.app_context():
        over = update(Upload).where(Upload.id == announced["id"])
        db.session.execute(over.values(expires_at=now() - timedelta(seconds=1)))
        db.session.commit()


def swept(app: Flask, *options: str) -> dict[str, int]:
    ended = app.test_cli_runner().invoke(cli, ["sweep", "--json", *options])
    assert ended.exit_code == 0, ended.output
    report: dict[str, int] = json.loads(ended.stdout)
    return report


def test_bytes_that_never_come_leave_nothing(app: Flask, ada: FlaskClient) -> None:
    announced = announce(ada, PICTURE)
    assert stored_bytes(app, ADA) == len(PICTURE)
    refused = publish(ada, announced)
    assert (refused.status_code, only_error(refused)["code"]) == (409, "not-ready")
    assert read(ada, announced["id"])["attributes"]["status"] == "pending"
    end(app, announced)
    assert publish(ada, announced).status_code == 404
    assert swept(app)["expired"] == 1
    assert stored_bytes(app, ADA) == 0


def test_one_that_nobody_published_goes_with_its_bytes(app: Flask, ada: FlaskClient) -> None:
    announced = announce(ada, PICTURE)
    assert send(announced, PICTURE) == 200
    end(app, announced)
    assert swept(app)["expired"] == 1
    assert keys(app) == []


def test_one_may_be_deleted_at_any_time(app: Flask, ada: FlaskClient) -> None:
    announced = announce(ada, PICTURE)
    assert send(announced, PICTURE) == 200
    assert ada.delete(f"{COLLECTION}/{announced['id']}").status_code == 204
    assert (keys(app), stored_bytes(app, ADA)) == ([], 0)


def test_what_is_sent_too_late_is_swept_and_stops_no_sweep(app: Flask, ada: FlaskClient) -> None:
    """A client may write to its key after publishing, as long as its leave lasts."""
    announced = announce(ada, PICTURE)
    assert send(announced, PICTURE) == 200
    made = publish(ada, announced).get_json()["data"]
    other = bytes(reversed(PICTURE))
    assert send(announced, other) == 200
    assert ada.get(path_of(made["attributes"]["url"])).data == PICTURE
    assert len(keys(app)) == 2
    report = swept(app, "--grace-hours", "0")
    assert (report["orphans"], report["stale"], report["removed"]) == (0, 1, 1)
    assert len(keys(app)) == 1


# --- What is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ANNOUNCEMENTS)
@pytest.mark.parametrize("how", ["absent", "null"])
def test_without_data_all_four_are_needed(ada: FlaskClient, missing: str, how: str) -> None:
    said = announcement(PICTURE)
    if how == "null":
        said[missing] = None
    else:
        del said[missing]
    error = only_error(post(ada, document(said)))
    assert (error["code"], error["meta"]["attribute"]) == ("invalid-attribute", "data")


def test_a_store_that_gives_no_leave_wants_data(make_app: AppFactory, tmp_path: Path) -> None:
    app = with_users(make_app(storage_url=f"file://{tmp_path}/folder"))
    error = only_error(post(as_(app, ADA), document(announcement(PICTURE))))
    assert (error["status"], error["meta"]["attribute"]) == ("422", "data")


@pytest.mark.parametrize(
    ("attribute", "value", "code"),
    [
        ("size", 0, "empty-file"),
        ("size", -1, "invalid-attribute"),
        ("size", 10**9, "file-too-large"),
        ("size", 2**80, "file-too-large"),
        ("size", "12", "invalid-attribute"),
        ("size", 1.5, "invalid-attribute"),
        ("size", True, "invalid-attribute"),
        ("media-type", "text/html", "unsupported-file-type"),
        ("media-type", "image/svg+xml", "unsupported-file-type"),
        ("media-type", "image/png\r\nX: y", "unsupported-file-type"),
        ("media-type", 7, "invalid-attribute"),
        ("checksum", "sha256:abc", "invalid-attribute"),
        ("checksum", "md5:" + "0" * 32, "invalid-attribute"),
        ("checksum", "sha256:" + "A" * 64, "invalid-attribute"),
        ("checksum", "sha256:" + "0" * 64 + "\n", "invalid-attribute"),
        ("filename", [], "invalid-attribute"),
        ("alt", "x" * 2001, "invalid-attribute"),
        ("visibility", "secret", "invalid-attribute"),
        ("expires-at", "yesterday", "invalid-attribute"),
        ("expires-at", "2020-01-01T00:00:00Z", "invalid-attribute"),
    ],
)
def test_what_cannot_be_is_refused_when_it_is_announced(
    app: Flask, ada: FlaskClient, attribute: str, value: object, code: str
) -> None:
    response = post(ada, document(announcement(PICTURE, **{attribute: value})))
    error = only_error(response)
    assert (response.status_code, error["code"]) == (422, code)
    assert error["source"]["pointer"] == f"/data/attributes/{attribute}"
    assert stored_bytes(app, ADA) == 0


def test_nobody_announces_without_an_account(make: Made) -> None:
    stranger = Stranger(make(anonymous_uploads=True))
    assert post(stranger, document(announcement(PICTURE))).status_code == 401
    assert upload(stranger, PICTURE)["attributes"]["status"] == "ready"


def test_operations_announce_nothing(ada: FlaskClient) -> None:
    atomic = f'{JSON_API};ext="https://jsonapi.org/ext/atomic"'
    add = {"op": "add", "data": {"type": "uploads", "attributes": announcement(PICTURE)}}
    response = ada.post(
        "/v1/operations", json={"atomic:operations": [add]}, headers={"Content-Type": atomic}
    )
    assert response.status_code == 422


HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.mark.parametrize(
    ("announced", "sent", "refused"),
    [
        (HTML, HTML, ("unsupported-file-type", "data")),
        (PICTURE[:60], PICTURE[:60], ("corrupt-image", "data")),
        (PICTURE, bytes(reversed(PICTURE)), ("invalid-attribute", "checksum")),
    ],
    ids=["a page", "half a picture", "another checksum"],
)
def test_what_came_is_judged_and_its_reason_is_kept(
    app: Flask, ada: FlaskClient, announced: bytes, sent: bytes, refused: tuple[str, str]
) -> None:
    made = announce(ada, announced)
    assert send(made, sent) == 200
    error = only_error(publish(ada, made))
    assert error["status"] == "422"
    assert (error["code"], error["meta"]["attribute"]) == refused
    found = read(ada, made["id"])
    assert (found["attributes"]["status"], found["attributes"]["url"]) == ("rejected", None)
    refusal = found["meta"]["refusal"]
    assert refusal["code"] == error["code"]
    assert refusal["detail"] == error["detail"]
    assert keys(app) == []
    again = publish(ada, made)
    assert (again.status_code, only_error(again)["code"]) == (409, "not-ready")
    assert refusal["detail"] in again.get_json()["errors"][0]["detail"]
    end(app, made)
    assert swept(app)["expired"] == 1
    assert stored_bytes(app, ADA) == 0


def test_bytes_of_another_size_are_refused_by_the_store_or_by_us(
    app: Flask, ada: FlaskClient
) -> None:
    announced = announce(ada, PICTURE)
    status = send(announced, PICTURE + b"x")
    assert status in {200, 403}
    if status == 403:
        # As a store would have it that does not keep to what it has signed.
        with app.app_context():
            key = db.session.scalars(db.select(Upload.key)).one()
            current_storage().put(key, PICTURE + b"x")
    error = only_error(publish(ada, announced))
    assert (error["status"], error["meta"]["attribute"]) == ("422", "size")
    assert (error["meta"]["limit"], error["meta"]["actual"]) == (len(PICTURE), len(PICTURE) + 1)
    assert read(ada, announced["id"])["attributes"]["status"] == "rejected"


# --- Whose it is ------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["pending", "rejected"])
def test_only_its_owner_and_admins_see_it(app: Flask, ada: FlaskClient, state: str) -> None:
    announced = announce(ada, HTML)
    if state == "rejected":
        assert send(announced, HTML) == 200
        assert publish(ada, announced).status_code == 422
    address = f"{COLLECTION}/{announced['id']}"
    for other in (Stranger(app), as_(app, BOB)):
        assert other.get(address).status_code == 404
        assert other.get(f"{address}/owner").status_code == 404
        assert other.get(f"{address}/variants").status_code == 404
    bob = as_(app, BOB)
    assert publish(bob, announced).status_code == 404
    assert bob.delete(address).status_code == 404
    assert ada.get(address).status_code == 200
    assert app.test_client().get(address).status_code == 200


def test_its_bytes_are_handed_out_to_nobody(app: Flask, ada: FlaskClient) -> None:
    announced = announce(ada, PICTURE)
    assert send(announced, PICTURE) == 200
    (key,) = keys(app)
    for client in (ada, app.test_client()):
        assert client.get(f"/media/{key}").status_code == 404
    link = ada.post(f"{COLLECTION}/{announced['id']}/download-link")
    assert (link.status_code, only_error(link)["code"]) == (409, "not-ready")


def test_the_quota_is_judged_when_it_is_announced(make: Made) -> None:
    app = make(quota_bytes=len(PICTURE) + 10)
    ada = as_(app, ADA)
    announce(ada, PICTURE)
    refused = post(ada, document(announcement(PICTURE)))
    assert (refused.status_code, only_error(refused)["code"]) == (403, "quota-exceeded")


def test_publishing_needs_the_version_that_it_names(ada: FlaskClient) -> None:
    announced = announce(ada, PICTURE)
    assert send(announced, PICTURE) == 200
    tag = ada.get(f"{COLLECTION}/{announced['id']}").headers["ETag"]
    assert patch(ada, announced["id"], alt="Changed").status_code == 200
    body = document({"status": "ready"}, id=announced["id"])
    address = f"{COLLECTION}/{announced['id']}"
    refused = ada.patch(address, json=body, content_type=JSON_API, headers={"If-Match": tag})
    assert refused.status_code == 412
    assert read(ada, announced["id"])["attributes"]["status"] == "pending"


# --- At once, and beside everything else ------------------------------------------------------


def test_published_by_many_at_once_it_is_published_once(app: Flask, ada: FlaskClient) -> None:
    announced = announce(ada, PICTURE)
    assert send(announced, PICTURE) == 200
    answers: list[int] = []

    def run() -> None:
        answers.append(publish(as_(app, ADA), announced).status_code)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 200 in answers
    assert set(answers) <= {200, 409}
    assert len(keys(app)) == 1
    assert read(ada, announced["id"])["attributes"]["status"] == "ready"
    assert stored_bytes(app, ADA) == len(PICTURE)


def test_what_is_written_while_it_is_judged_is_not_published(
    ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced = announce(ada, PICTURE)
    assert send(announced, PICTURE) == 200

    def store_file(*args: Any, **options: Any) -> StoredFile:  # noqa: ANN401 - as the original
        assert send(announced, bytes(reversed(PICTURE))) == 200
        return store_as_ever(*args, **options)

    monkeypatch.setattr(service, "store_file", store_file)
    made = publish(ada, announced).get_json()["data"]
    assert ada.get(path_of(made["attributes"]["url"])).data == PICTURE


def test_one_that_is_deleted_while_it_is_judged_stays_deleted(
    app: Flask, ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced = announce(ada, PICTURE)
    assert send(announced, PICTURE) == 200

    def store_file(*args: Any, **options: Any) -> StoredFile:  # noqa: ANN401 - as the original
        found = store_as_ever(*args, **options)
        assert as_(app, ADA).delete(f"{COLLECTION}/{announced['id']}").status_code == 204
        return found

    monkeypatch.setattr(service, "store_file", store_file)
    assert publish(ada, announced).status_code == 404
    assert (keys(app), stored_bytes(app, ADA)) == ([], 0)


@pytest.fixture
def _unpublished(ada: FlaskClient) -> None:
    """One that waits, and one that was refused."""
    pending, rejected = announce(ada, PICTURE), announce(ada, HTML)
    assert send(pending, PICTURE) == 200
    assert send(rejected, HTML) == 200
    assert publish(ada, rejected).status_code == 422


@pytest.mark.usefixtures("_unpublished")
@pytest.mark.parametrize(
    "command",
    [["verify"], ["verify", "--quick"], ["verify", "--quarantine"], ["backfill"], ["sweep"]],
    ids=" ".join,
)
def test_commands_leave_it_alone(app: Flask, ada: FlaskClient, command: list[str]) -> None:
    before = stored_bytes(app, ADA), keys(app)
    ended = app.test_cli_runner().invoke(cli, command)
    assert ended.exit_code == 0, ended.output
    assert (stored_bytes(app, ADA), keys(app)) == before
    statuses = {each["attributes"]["status"] for each in ada.get(COLLECTION).get_json()["data"]}
    assert statuses == {"pending", "rejected"}


@pytest.mark.usefixtures("_unpublished")
def test_it_is_not_exported_and_its_bytes_do_not_count_as_there(app: Flask, tmp_path: Path) -> None:
    ended = app.test_cli_runner().invoke(cli, ["export", str(tmp_path / "out"), "--json"])
    assert ended.exit_code == 0, ended.output
    assert json.loads(ended.stdout.splitlines()[-1])["files"] == 0
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "talk.png").write_bytes(PICTURE)
    ended = app.test_cli_runner().invoke(cli, ["import", str(folder), "--json"])
    assert json.loads(ended.stdout.splitlines()[-1])["imported"] == 1
