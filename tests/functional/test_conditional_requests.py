"""Entity tags: reading only what has changed, writing only what one has seen."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, post, upload
from tests.images import picture


@pytest.fixture
def one(client: FlaskClient) -> dict[str, Any]:
    return upload(client, picture())


def tag_of(client: FlaskClient, id_: str, query: str = "") -> str:
    return client.get(f"{COLLECTION}/{id_}{query}").headers["ETag"]


def patch(client: FlaskClient, id_: str, alt: str, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = document({"alt": alt}, id=id_)
    return client.patch(f"{COLLECTION}/{id_}", json=body, content_type=JSON_API, headers=named)


def test_a_created_upload_has_the_tag_that_reading_it_gives(client: FlaskClient) -> None:
    response = post(client, document({"data": data_uri(picture())}))
    id_ = response.json["data"]["id"]  # type: ignore[index]  # it has a body
    assert response.headers["ETag"] == tag_of(client, id_)
    assert response.headers["ETag"].startswith('"1-')


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, one: dict[str, Any]) -> None:
    for address in (f"{COLLECTION}/{one['id']}", COLLECTION, f"{COLLECTION}/{one['id']}/variants"):
        tag = client.get(address).headers["ETag"]
        for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            response = client.get(address, headers={"If-None-Match": condition})
            assert (response.status_code, response.data) == (304, b"")
            assert response.headers["ETag"] == tag
        assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_another_representation_has_another_tag(client: FlaskClient, one: dict[str, Any]) -> None:
    whole, part = tag_of(client, one["id"]), tag_of(client, one["id"], "?fields[uploads]=alt")
    assert whole != part
    response = client.get(f"{COLLECTION}/{one['id']}", headers={"If-None-Match": part})
    assert response.status_code == 200


def test_any_representation_of_the_version_allows_a_write(
    client: FlaskClient, one: dict[str, Any]
) -> None:
    part = tag_of(client, one["id"], "?fields[uploads]=alt")
    response = patch(client, one["id"], "new", If_Match=part)
    assert response.status_code == 200
    assert response.headers["ETag"].startswith('"2-')
    assert response.headers["ETag"] == tag_of(client, one["id"])


@pytest.mark.parametrize("condition", ['"9-abc"', 'W/"1-abc"', '"abc"', "nonsense", '""'])
def test_a_write_that_has_seen_another_version_is_refused(
    client: FlaskClient, one: dict[str, Any], condition: str
) -> None:
    response = patch(client, one["id"], "new", If_Match=condition)
    assert response.status_code == 412
    assert only_error(response)["source"] == {"header": "If-Match"}
    address = f"{COLLECTION}/{one['id']}"
    assert client.delete(address, headers={"If-Match": condition}).status_code == 412
    assert client.get(address).json["data"]["attributes"]["alt"] == ""  # type: ignore[index]  # it has a body


def test_a_star_matches_what_exists(client: FlaskClient, one: dict[str, Any]) -> None:
    assert patch(client, one["id"], "new", If_Match="*").status_code == 200
    assert patch(client, one["id"], "newer", If_None_Match="*").status_code == 412
    address = f"{COLLECTION}/{one['id']}"
    tag = client.get(address).headers["ETag"]
    assert client.delete(address, headers={"If-Match": f'"0-x", {tag}'}).status_code == 204


def test_no_change_is_no_new_version(client: FlaskClient, one: dict[str, Any]) -> None:
    before = tag_of(client, one["id"])
    assert patch(client, one["id"], "").status_code == 200
    assert tag_of(client, one["id"]) == before


def test_of_many_who_have_seen_one_version_one_writes(
    app: Flask, client: FlaskClient, one: dict[str, Any]
) -> None:
    tag = tag_of(client, one["id"])

    def write(n: int) -> int:
        return patch(app.test_client(), one["id"], f"writer {n}", If_Match=tag).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(write, range(16)))
    assert statuses == [200] + [412] * 15
