"""A private file is its owner's, admins', and whoever's has a link to it."""

import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from open_event_uploads.context import current_storage, db
from open_event_uploads.maintenance.sweep import sweep
from open_event_uploads.storage.contract import check_key
from open_event_uploads.uploads import operation
from open_event_uploads.uploads import store as store_file
from open_event_uploads.uploads import update as update_upload
from open_event_uploads.uploads.files.sign_link import Signature, is_signed, sign
from open_event_uploads.uploads.model import Upload
from open_event_uploads.variants.preset_cache import current_presets
from tests.accounts import bearer, service_account
from tests.conftest import AppFactory, Stranger
from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, patch, path_of
from tests.documents import upload as send
from tests.images import picture
from tests.stored import StoredFiles

PNG = picture(size=(900, 600))
ATOMIC = f'{JSON_API};ext="https://jsonapi.org/ext/atomic"'
KEYS = ("k" * 32, "o" * 32)


@pytest.fixture
def private(client: FlaskClient) -> dict[str, Any]:
    return send(client, PNG, visibility="private", filename="plan.png")


def url_of(resource: dict[str, Any]) -> str:
    return path_of(resource["attributes"]["url"])


def link(client: FlaskClient, id_: str, body: object = None) -> dict[str, Any]:
    sent = {} if body is None else {"data": json.dumps(body), "content_type": JSON_API}
    response = client.post(f"{COLLECTION}/{id_}/download-link", **sent)
    assert response.status_code == 200, response.text
    meta: dict[str, Any] = response.json["meta"]  # type: ignore[index]  # it has a body
    return meta


def operate(client: FlaskClient, *operations: object) -> Any:  # noqa: ANN401 - the client's own
    body = json.dumps({"atomic:operations": operations})
    return client.post("/v1/operations", data=body, content_type=ATOMIC)


# --- Who sees it ------------------------------------------------------------------------------


def test_its_bytes_and_variants_lie_apart_and_are_kept_by_no_shared_cache(
    client: FlaskClient, stranger: FlaskClient, private: dict[str, Any]
) -> None:
    assert url_of(private).startswith("/media/private/")
    related: Any = client.get(f"{COLLECTION}/{private['id']}/variants").json
    addresses = [url_of(private), *(url_of(each) for each in related["data"])]
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "private, no-cache"
        known = {"If-None-Match": response.headers["ETag"]}
        assert client.get(address, headers=known).status_code == 304
        assert stranger.get(address).status_code == 404
        assert "private" in address


def test_a_list_and_an_include_show_it_to_its_owner_alone(app: Flask, client: FlaskClient) -> None:
    ada, bob = (bearer(app, service_account(app)) for _ in range(2))
    body = document({"data": data_uri(PNG), "visibility": "private"})
    made = client.post(COLLECTION, json=body, content_type=JSON_API, headers=ada).json
    for headers, count in ((ada, 1), (bob, 0), ({}, 1)):
        listed: Any = client.get(f"{COLLECTION}?include=variants", headers=headers).json
        assert listed["meta"]["count"] == len(listed["data"]) == count
    assert client.get(path_of(made["data"]["links"]["self"]), headers=bob).status_code == 404  # type: ignore[index]  # it has a body


def test_a_limited_token_sees_only_what_it_is_for(app: Flask, client: FlaskClient) -> None:
    user = service_account(app)
    writes = bearer(app, user, scopes=frozenset({"uploads:write"}))
    reads = bearer(app, user, scopes=frozenset({"uploads:read"}))
    body = document({"data": data_uri(PNG), "visibility": "private"})
    made: Any = client.post(COLLECTION, json=body, content_type=JSON_API, headers=writes)
    assert made.status_code == 201
    address = url_of(made.json["data"])
    assert client.get(address, headers=reads).status_code == 200
    assert client.get(address, headers=writes).status_code == 404
    assert only_error(client.get(COLLECTION, headers=writes))["code"] == "forbidden"
    refused = client.post(COLLECTION, json=body, content_type=JSON_API, headers=reads)
    assert only_error(refused)["detail"] == "The token lacks the scope `uploads:write`."


def test_a_filter_finds_private_files(client: FlaskClient, private: dict[str, Any]) -> None:
    send(client, PNG)
    found: Any = client.get(f"{COLLECTION}?filter[visibility]=private").json
    assert [each["id"] for each in found["data"]] == [private["id"]]


# --- It becomes another -----------------------------------------------------------------------


@pytest.mark.parametrize(("first", "then"), [("public", "private"), ("private", "public")])
def test_who_may_see_it_changes_and_so_does_its_address(
    client: FlaskClient, stored_files: StoredFiles, first: str, then: str
) -> None:
    made = send(client, PNG, visibility=first)
    variant = url_of(client.get(f"{COLLECTION}/{made['id']}/variants").json["data"][0])  # type: ignore[index]  # it has a body
    client.get(variant)
    changed = patch(client, made["id"], visibility=then).json["data"]  # type: ignore[index]  # it has a body
    assert changed["attributes"]["visibility"] == then
    assert client.get(url_of(changed)).data == PNG
    assert client.get(url_of(made)).status_code == client.get(variant).status_code == 404
    assert len(stored_files()) == 1
    assert changed["attributes"]["checksum"] == made["attributes"]["checksum"]


@pytest.mark.parametrize("visibility", ["private", None])
def test_what_stays_as_it_is_keeps_its_address(
    client: FlaskClient, private: dict[str, Any], visibility: str | None
) -> None:
    same = patch(client, private["id"], visibility=visibility, data=data_uri(PNG))
    assert same.json["data"] == private  # type: ignore[index]  # it has a body


def test_other_bytes_stay_private(client: FlaskClient, private: dict[str, Any]) -> None:
    address = f"{COLLECTION}/{private['id']}/content"
    changed: Any = client.put(address, data=picture("GIF"), content_type="image/gif").json
    assert url_of(changed["data"]).startswith("/media/private/")
    published: Any = patch(
        client, private["id"], data=data_uri(picture("WEBP")), visibility="public"
    ).json
    assert not url_of(published["data"]).startswith("/media/private/")


def test_operations_move_it_too(
    client: FlaskClient, private: dict[str, Any], stored_files: StoredFiles
) -> None:
    ref = {"type": "uploads", "id": private["id"]}
    lid = {"type": "uploads", "lid": "new"}
    png = {"data": data_uri(PNG), "visibility": "private"}
    response = operate(
        client,
        {"op": "update", "ref": ref, "data": {**ref, "attributes": {"visibility": "public"}}},
        {"op": "add", "data": {**lid, "attributes": png}},
        {"op": "update", "ref": lid, "data": {**lid, "attributes": {"visibility": "public"}}},
        {"op": "update", "ref": ref, "data": {**ref, "attributes": {"data": data_uri(PNG)}}},
        {"op": "update", "ref": lid, "data": {**lid, "attributes": {"visibility": "private"}}},
        {"op": "update", "ref": ref, "data": {**ref, "attributes": {"visibility": "private"}}},
    )
    assert response.status_code == 200, response.text
    listed: Any = client.get(COLLECTION).json
    assert {each["attributes"]["visibility"] for each in listed["data"]} == {"private"}
    for each in listed["data"]:
        assert client.get(url_of(each)).data == PNG
    assert len(stored_files()) == len(listed["data"]) == 2


def test_operations_that_fail_move_nothing(
    client: FlaskClient, private: dict[str, Any], stored_files: StoredFiles
) -> None:
    ref = {"type": "uploads", "id": private["id"]}
    response = operate(
        client,
        {"op": "update", "ref": ref, "data": {**ref, "attributes": {"visibility": "public"}}},
        {"op": "remove", "ref": {**ref, "id": "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"}},
    )
    assert response.status_code == 404
    assert client.get(url_of(private)).data == PNG
    assert len(stored_files()) == 1


def test_many_who_move_it_at_once_lose_nothing(
    app: Flask, client: FlaskClient, private: dict[str, Any]
) -> None:
    wishes = ["public", "private"] * 4
    statuses: list[int] = []

    def wish(visibility: str) -> None:
        statuses.append(patch(app.test_client(), private["id"], visibility=visibility).status_code)

    threads = [threading.Thread(target=wish, args=(each,)) for each in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 409}
    found: Any = client.get(f"{COLLECTION}/{private['id']}").json
    assert client.get(url_of(found["data"])).data == PNG


def test_a_name_that_looks_like_an_id_is_another(
    client: FlaskClient, private: dict[str, Any]
) -> None:
    ref, lid = ({"type": "uploads", name: private["id"]} for name in ("id", "lid"))
    gif = {"data": data_uri(picture("GIF"))}
    response = operate(
        client,
        {"op": "add", "data": {**lid, "attributes": gif}},
        {"op": "update", "ref": ref, "data": {**ref, "attributes": gif}},
    )
    assert response.status_code == 200, response.text
    found: Any = client.get(f"{COLLECTION}/{private['id']}").json
    assert client.get(url_of(found["data"])).data == picture("GIF")
    assert found["data"]["attributes"]["visibility"] == "private"


def test_new_bytes_do_not_publish_what_becomes_private_meanwhile(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = send(client, PNG)
    store, sent = store_file.store_file, data_uri(picture("GIF"))

    def hiding(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - store_file's own
        monkeypatch.setattr(update_upload, "store_file", store)
        # In a thread, as another request would be: in this one it would share Flask's context.
        with ThreadPoolExecutor(1) as another:
            change = another.submit(patch, client, made["id"], visibility="private")
            assert change.result().status_code == 200
        return store(*arguments, **options)

    monkeypatch.setattr(update_upload, "store_file", hiding)
    assert only_error(patch(client, made["id"], data=sent))["code"] == "changed-meanwhile"
    found: Any = client.get(f"{COLLECTION}/{made['id']}").json
    assert found["data"]["attributes"]["visibility"] == "private"
    assert client.get(url_of(found["data"])).data == PNG


def test_nothing_is_copied_for_who_may_not_change_it(
    app: Flask, private: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operation, "move_bytes", lambda *_, **__: pytest.fail("copied"))
    client = app.test_client()
    ref = {"type": "uploads", "id": private["id"]}
    body = {"op": "update", "ref": ref, "data": {**ref, "attributes": {"visibility": "public"}}}
    response = client.post(
        "/v1/operations",
        data=json.dumps({"atomic:operations": [body]}),
        content_type=ATOMIC,
        headers=bearer(app, service_account(app)),
    )
    assert response.status_code == 404


def test_the_sweeper_knows_private_variants(app: Flask, private: dict[str, Any]) -> None:
    client = app.test_client()
    related: Any = client.get(f"{COLLECTION}/{private['id']}/variants").json
    client.get(url_of(related["data"][0]))
    with app.app_context():
        storage = current_storage()
        storage.put("private/variants/0b6c1e0a-2f5e-4d6d-9d5c-3a8f6b0f7a11-png/0123.webp", b"x")
        for each in storage.objects():
            assert check_key(each.key) == each.key
        time.sleep(0.01)
        report = sweep(
            engine=db.engine,
            storage=storage,
            presets=current_presets(),
            grace=timedelta(0),
            force=True,
        )
    assert (report.objects, report.orphans) == (3, 1)


def test_bytes_that_are_gone_cannot_be_moved(app: Flask, private: dict[str, Any]) -> None:
    client = app.test_client()
    with app.app_context():
        upload = db.session.get(Upload, private["id"])
        assert upload
        current_storage().delete(upload.key)
    response = patch(client, private["id"], visibility="public")
    assert only_error(response)["code"] == "storage-unavailable"


# --- Links ------------------------------------------------------------------------------------


def test_whoever_has_a_link_sees_it_and_its_variants(
    client: FlaskClient, stranger: FlaskClient, private: dict[str, Any]
) -> None:
    found = link(client, private["id"])
    assert stranger.get(path_of(found["url"])).data == PNG
    assert set(found["variants"]) >= {"icon", "thumbnail"}
    for address in found["variants"].values():
        assert stranger.get(path_of(address)).status_code == 200
    assert found["expires-at"].endswith("Z")
    assert stranger.get(url_of(private)).status_code == 404


def test_a_link_ends(client: FlaskClient, stranger: FlaskClient, private: dict[str, Any]) -> None:
    # Long enough for a busy machine to fetch it meanwhile.
    found = link(client, private["id"], {"meta": {"expires-in": 3}})
    assert stranger.get(path_of(found["url"])).status_code == 200
    time.sleep(3.1)
    assert stranger.get(path_of(found["url"])).status_code == 404


def test_a_link_ends_when_the_bytes_become_others(
    client: FlaskClient, stranger: FlaskClient, private: dict[str, Any]
) -> None:
    found = link(client, private["id"])
    patch(client, private["id"], data=data_uri(picture("GIF")))
    assert stranger.get(path_of(found["url"])).status_code == 404


def test_a_link_to_one_file_opens_no_other(
    client: FlaskClient, stranger: FlaskClient, private: dict[str, Any]
) -> None:
    other = send(client, picture(), visibility="private")
    query = urlsplit(link(client, private["id"])["url"]).query
    assert stranger.get(f"{url_of(other)}?{query}").status_code == 404
    parameters = {name: values[0] for name, values in parse_qs(query).items()}
    later = {**parameters, "expires": str(int(parameters["expires"]) + 1)}
    for wrong in (later, {"expires": parameters["expires"]}, {"signature": "x"}, {}):
        assert stranger.get(url_of(private), query_string=wrong).status_code == 404


def test_what_is_public_needs_no_link(client: FlaskClient, stranger: FlaskClient) -> None:
    found = link(client, send(client, PNG)["id"])
    assert found["expires-at"] is None
    assert stranger.get(path_of(found["url"])).data == PNG


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({"meta": 7}, 400),
        ({"meta": {"expires-in": 0}}, 422),
        ({"meta": {"expires-in": -5}}, 422),
        ({"meta": {"expires-in": 604_801}}, 422),
        ({"meta": {"expires-in": True}}, 422),
        ({"meta": {"expires-in": "900"}}, 422),
        ({"meta": {"expires-in": 1.5}}, 422),
    ],
)
def test_a_life_that_no_link_has_is_refused(
    client: FlaskClient, private: dict[str, Any], body: object, status: int
) -> None:
    address = f"{COLLECTION}/{private['id']}/download-link"
    response = client.post(address, data=json.dumps(body), content_type=JSON_API)
    assert response.status_code == status


def test_a_link_outlives_a_change_of_the_key_that_signed_it_while_that_still_counts(
    make_app: AppFactory,
) -> None:
    old, new = "o" * 32, "n" * 32
    client = make_app(secret_key=old).test_client()
    found = link(client, send(client, PNG, visibility="private")["id"])
    for keys, status in ((f"{new},{old}", 200), (new, 404)):
        stranger = Stranger(make_app(secret_key=keys))
        assert stranger.get(path_of(found["url"])).status_code == status


@given(
    expires=st.integers(0, 2**41),
    signature=st.text(max_size=80),
    key=st.text(min_size=1, max_size=60),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_no_leave_is_guessed(expires: int, signature: str, key: str) -> None:
    assert not is_signed(key, Signature(expires, signature), secret_keys=KEYS)


@given(
    key=st.from_regex(r"private/[0-9a-f-]{36}\.png", fullmatch=True),
    seconds=st.integers(2, 604_800),
)
def test_leave_that_was_given_is_known_by_every_key(key: str, seconds: int) -> None:
    leave = sign(key, life=timedelta(seconds=seconds), secret_keys=KEYS)
    assert is_signed(key, leave, secret_keys=KEYS)
    assert is_signed(key, leave, secret_keys=("n" * 32, *KEYS))
    assert not is_signed(key, leave, secret_keys=KEYS[1:])
    assert not is_signed(f"{key}x", leave, secret_keys=KEYS)


def test_what_is_sent_with_a_form_may_be_private(client: FlaskClient) -> None:
    form = {"file": (io.BytesIO(PNG), "a.png"), "visibility": "private"}
    made: Any = client.post(COLLECTION, data=form, content_type="multipart/form-data").json
    assert url_of(made["data"]).startswith("/media/private/")
