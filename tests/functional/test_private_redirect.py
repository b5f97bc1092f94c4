"""A private picture is fetched from the bucket itself, by whoever may see it."""

import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from open_event_uploads.context import current_storage
from open_event_uploads.database.types import now
from open_event_uploads.errors import InvalidSettings
from open_event_uploads.settings import load_settings
from tests.conftest import AppFactory, Stranger
from tests.documents import COLLECTION, JSON_API, only_error, path_of, upload
from tests.fetch import fetch
from tests.images import picture
from tests.s3 import S3Server

pytestmark = pytest.mark.default_stack("it has a storage of its own")

SECRET = "s" * 40
CONTENT = picture(size=(640, 480))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


@pytest.fixture
def redirecting(make_app: AppFactory, s3: S3Server) -> Flask:
    return make_app(
        storage_url=s3.url(),
        secret_key=SECRET,
        private_redirect=True,
        media_types="image/png,image/svg+xml",
    )


@pytest.fixture
def client(redirecting: Flask) -> FlaskClient:
    return redirecting.test_client()


def private(client: FlaskClient, content: bytes = CONTENT) -> dict[str, Any]:
    return upload(client, content, visibility="private", filename="Plän.png")


def url_of(resource: dict[str, Any]) -> str:
    return path_of(resource["attributes"]["url"])


def link(client: FlaskClient, id_: str, seconds: int) -> dict[str, Any]:
    body = json.dumps({"meta": {"expires-in": seconds}})
    address = f"{COLLECTION}/{id_}/download-link"
    meta: dict[str, Any] = client.post(address, data=body, content_type=JSON_API).json["meta"]  # type: ignore[index]  # it has a body
    return meta


def location_of(response: TestResponse) -> str:
    assert (response.status_code, response.data) == (307, b"")
    assert response.headers["Cache-Control"] == "private, no-store"
    return response.headers["Location"]


def life_of(location: str) -> int:
    """Seconds."""
    return int(parse_qs(urlsplit(location).query)["X-Amz-Expires"][0])


def test_its_owner_is_sent_to_the_bucket(client: FlaskClient) -> None:
    address = url_of(private(client))
    response = client.get(address)
    location = location_of(response)
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert life_of(location) == 60
    found = fetch(location)
    assert (found.status, found.content) == (200, CONTENT)
    assert found.headers["Content-Type"] == "image/png"
    assert found.headers["Cache-Control"] == "private, no-cache"
    assert found.headers["Content-Disposition"] == (
        "inline; filename=Pl_n.png; filename*=UTF-8''Pl%C3%A4n.png"
    )
    part = fetch(location, Range="bytes=10-19")
    assert (part.status, part.content) == (206, CONTENT[10:20])


def test_nobody_else_is_sent_anywhere(redirecting: Flask, client: FlaskClient) -> None:
    address = url_of(private(client))
    assert only_error(Stranger(redirecting).get(address))["code"] == "not-found"
    assert fetch(location_of(client.get(address)).partition("?")[0]).status == 403


def test_variants_are_made_and_fetched_in_the_same_way(client: FlaskClient) -> None:
    made = private(client)
    related: Any = client.get(f"{COLLECTION}/{made['id']}/variants").json
    for each in related["data"]:
        found = fetch(location_of(client.get(url_of(each))))
        assert found.status == 200
        assert found.headers["Content-Type"] == each["attributes"]["media-type"]
        assert "Pl_n.webp" in found.headers["Content-Disposition"]
    unknown = url_of(related["data"][0]).replace("variants/", "variants/x-")
    assert client.get(unknown).status_code == 404


def test_what_a_preset_never_made_is_not_there(client: FlaskClient) -> None:
    made = private(client)
    (first, *_) = client.get(f"{COLLECTION}/{made['id']}/variants").json["data"]  # type: ignore[index]  # it has a body
    folder = url_of(first).rpartition("/")[0]
    assert client.get(f"{folder}/0123456789abcdef.webp").status_code == 404
    assert client.get(f"{folder}/0123456789abcdef.exe").status_code == 404


def test_a_variant_whose_original_is_lost_says_so(redirecting: Flask, client: FlaskClient) -> None:
    made = private(client)
    (first, *_) = client.get(f"{COLLECTION}/{made['id']}/variants").json["data"]  # type: ignore[index]  # it has a body
    with redirecting.app_context():
        current_storage().delete(url_of(made).removeprefix("/media/"))
    assert only_error(client.get(url_of(first)))["code"] == "storage-unavailable"


def test_a_link_leads_to_the_bucket_and_no_longer_than_it_lasts(
    redirecting: Flask, client: FlaskClient
) -> None:
    stranger = Stranger(redirecting)
    found = link(client, private(client)["id"], 3)
    location = location_of(stranger.get(path_of(found["url"])))
    assert life_of(location) <= 3
    assert fetch(location).content == CONTENT
    (variant, *_) = found["variants"].values()
    assert life_of(location_of(stranger.get(path_of(variant)))) <= 3
    time.sleep(3.1)
    assert stranger.get(path_of(found["url"])).status_code == 404
    assert fetch(location).status == 403


def test_in_its_last_second_the_bytes_come_from_here(client: FlaskClient) -> None:
    made = private(client)
    response = client.get(url_of(made), query_string={"expires": int(time.time()), "signature": ""})
    assert (response.status_code, response.data) == (200, CONTENT)


def test_no_address_outlives_the_lease(client: FlaskClient) -> None:
    end = (now() + timedelta(seconds=20)).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = upload(client, CONTENT, visibility="private", **{"expires-at": end})
    assert life_of(location_of(client.get(url_of(made)))) <= 20


def test_what_is_deleted_is_gone_from_the_bucket_too(client: FlaskClient) -> None:
    made = private(client)
    location = location_of(client.get(url_of(made)))
    client.delete(f"{COLLECTION}/{made['id']}")
    assert fetch(location).status == 404


@pytest.mark.parametrize(
    "condition",
    [
        {"If-None-Match": '"x"'},
        {"If-Match": "*"},
        {"If-Range": '"x"'},
        {"If-Modified-Since": "Tue, 24 Nov 2020 00:00:00 GMT"},
    ],
    ids=lambda each: next(iter(each)),
)
def test_what_has_a_condition_is_answered_here(
    client: FlaskClient, condition: dict[str, str]
) -> None:
    response = client.get(url_of(private(client)), headers=condition)
    assert (response.status_code, response.data) == (200, CONTENT)


def test_a_tag_of_ours_is_known_here(client: FlaskClient) -> None:
    address = url_of(private(client))
    told = client.head(address)
    assert (told.status_code, told.headers["Content-Length"]) == (200, str(len(CONTENT)))
    known = {"If-None-Match": told.headers["ETag"]}
    assert client.get(address, headers=known).status_code == 304


def test_what_browsers_could_run_comes_from_here(client: FlaskClient) -> None:
    response = client.get(url_of(private(client, SVG)))
    assert response.status_code == 200
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_what_is_public_comes_from_here(client: FlaskClient) -> None:
    assert client.get(url_of(upload(client, CONTENT))).data == CONTENT


def test_while_files_move_they_come_from_here(make_app: AppFactory, s3: S3Server) -> None:
    app = make_app(
        storage_url=s3.url(),
        storage_previous_url=s3.url(),
        secret_key=SECRET,
        private_redirect=True,
    )
    client = app.test_client()
    assert client.get(url_of(private(client))).data == CONTENT


def test_pages_for_admins_may_show_pictures_from_there(make_app: AppFactory, s3: S3Server) -> None:
    settings = {"storage_url": s3.url(), "secret_key": SECRET}
    for redirects in (True, False):
        client = make_app(**settings, private_redirect=redirects).test_client()
        policy = client.get("/admin/sign-in").headers["Content-Security-Policy"]
        assert (s3.endpoint in policy) == redirects


def test_a_page_without_credentials_of_the_bucket_is_a_page_all_the_same(
    redirecting: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with redirecting.app_context():
        monkeypatch.setattr(current_storage(), "_client_of_process", (0, None))
    assert redirecting.test_client().get("/admin/sign-in").status_code == 200


def test_a_folder_has_no_such_addresses() -> None:
    with pytest.raises(InvalidSettings, match="UPLOADS_PRIVATE_REDIRECT: only a bucket"):
        load_settings(private_redirect=True)
