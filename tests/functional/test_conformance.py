"""What JSON:API 1.1 asks of a server and no other chapter shows (docs/reference/jsonapi.md)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from open_event_uploads.accounts.user import User
from open_event_uploads.context import db
from open_event_uploads.uploads.model import Upload
from tests.documents import (
    COLLECTION,
    JSON_API,
    data_uri,
    document,
    only_error,
    path_of,
    post,
    upload,
)
from tests.images import picture

CURSORS = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"


def fetch(client: FlaskClient, address: str) -> dict[str, Any]:
    response = client.get(path_of(address))
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # it has a body
    return body


@pytest.fixture
def one(client: FlaskClient) -> dict[str, Any]:
    return upload(client, picture(size=(1200, 800)), filename="talk.png")


def give_away(app: Flask, id_: str) -> None:
    """Let an upload belong to somebody, as no request can."""
    with app.app_context():
        user = User(name="Ada")
        db.session.add(user)
        db.session.flush()
        row = db.session.get(Upload, id_)
        assert row
        row.owner_id = user.id
        db.session.commit()


# --- Documents --------------------------------------------------------------------------------


def test_the_jsonapi_member_negotiates_nothing(client: FlaskClient) -> None:
    body = document({"data": data_uri(picture())})
    for member in ({"ext": ["https://example.org/x"]}, {"profile": [CURSORS]}, {"version": "9.9"}):
        response = post(client, {**body, "jsonapi": member})
        assert response.status_code == 201, response.text
        assert response.content_type == JSON_API


def names_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from names_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from names_in(each)


@pytest.mark.usefixtures("one")
def test_every_name_can_stand_in_an_address_as_it_is(client: FlaskClient) -> None:
    cursors = {"Accept": f'{JSON_API};profile="{CURSORS}"'}
    bodies = [
        fetch(client, "/v1"),
        fetch(client, f"{COLLECTION}?include=variants.upload"),
        client.get(f"{COLLECTION}?page[size]=1", headers=cursors).json,
        client.get(f"{COLLECTION}?page[size]=101").json,
        post(client, document({"data": 7})).json,
    ]
    names = {name for body in bodies for name in names_in(body)}
    assert {"data", "errors", "media-type", "cursor", "maxSize"} <= names
    assert [name for name in names if not re.fullmatch("[A-Za-z0-9-]+", name)] == []


def test_a_relationships_addresses_stay_when_it_leads_elsewhere(
    app: Flask, client: FlaskClient, one: dict[str, Any]
) -> None:
    before = one["relationships"]["owner"]
    give_away(app, one["id"])
    after = fetch(client, one["links"]["self"])["data"]["relationships"]["owner"]
    assert before["data"]["id"] != after["data"]["id"]
    assert after["links"] == before["links"]


# --- Fetching ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/v1",
        COLLECTION,
        f"{COLLECTION}?sort=-size&filter[media-type]=image/png&page[size]=1&include=variants",
        f"{COLLECTION}/{{id}}?fields[uploads]=alt,variants",
        f"{COLLECTION}/{{id}}/variants?page[number]=1",
        f"{COLLECTION}/{{id}}/owner",
        f"{COLLECTION}/{{id}}/relationships/variants?include=variants.upload",
        "/v1/variants/{id}-thumbnail",
    ],
)
def test_a_self_link_gives_the_same_document_again(
    client: FlaskClient, one: dict[str, Any], address: str
) -> None:
    body = fetch(client, address.format(id=one["id"]))
    assert fetch(client, body["links"]["self"]) == body


@pytest.mark.parametrize("address", ["", "/{id}", "/{id}/variants", "/{id}/relationships/owner"])
def test_head_has_the_headers_of_get_and_no_document(
    client: FlaskClient, one: dict[str, Any], address: str
) -> None:
    path = COLLECTION + address.format(id=one["id"])
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Vary"):
        assert head.headers[name] == got.headers[name]


def test_a_fieldset_holds_for_its_own_type_wherever_it_stands(
    client: FlaskClient, one: dict[str, Any]
) -> None:
    query = "include=variants.upload&fields[uploads]=alt&fields[variants]=name,upload"
    body = fetch(client, f"{COLLECTION}/{one['id']}/relationships/variants?{query}")
    shown = {each["type"]: each for each in body["included"]}
    assert shown["uploads"]["attributes"].keys() == {"alt"}
    assert "relationships" not in shown["uploads"]
    assert shown["variants"]["attributes"].keys() == {"name"}
    assert shown["variants"]["relationships"].keys() == {"upload"}


def test_a_query_string_is_read_as_a_form_and_written_as_one(client: FlaskClient) -> None:
    for name in ("a b.png", "a+b.png"):
        upload(client, picture(), filename=name)
    for written in ("a+b.png", "a%20b.png", "%61%20b%2Epng"):
        body = fetch(client, f"{COLLECTION}?filter[filename]={written}")
        assert [each["attributes"]["filename"] for each in body["data"]] == ["a b.png"]
        assert body["links"]["self"].endswith("?filter%5Bfilename%5D=a%20b.png")
    assert len(fetch(client, f"{COLLECTION}?filter[filename]=a%2Bb.png")["data"]) == 1


# --- Writing ----------------------------------------------------------------------------------


def test_an_id_that_is_taken_is_as_forbidden_as_any_other(
    client: FlaskClient, one: dict[str, Any]
) -> None:
    response = post(client, document({"data": data_uri(picture())}, id=one["id"]))
    assert response.status_code == 403
    assert only_error(response)["source"] == {"pointer": "/data/id"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"meta": {}}, ""),
        ({"data": None}, "/data"),
        ({"data": []}, "/data"),
        ({"data": [{"type": "uploads"}]}, "/data"),
        ({"data": {"type": "uploads", "id": "{id}"}, "errors": []}, "/errors"),
    ],
)
def test_a_change_is_of_one_resource(
    client: FlaskClient, one: dict[str, Any], body: dict[str, Any], pointer: str
) -> None:
    if isinstance(body.get("data"), dict):
        body = {**body, "data": {**body["data"], "id": one["id"]}}
    address = f"{COLLECTION}/{one['id']}"
    response = client.patch(address, json=body, content_type=JSON_API)
    assert response.status_code == 400
    assert only_error(response)["source"] == {"pointer": pointer}
    assert fetch(client, address)["data"] == one


def test_what_is_not_mentioned_stays(app: Flask, client: FlaskClient) -> None:
    one = upload(client, picture(), filename="talk.png", alt="The stage")
    give_away(app, one["id"])
    address = f"{COLLECTION}/{one['id']}"
    before = fetch(client, address)["data"]
    nothing: list[dict[str, Any]] = [{}, {"attributes": {}}, {"relationships": {}}]
    for members in (*nothing, {"attributes": {"alt": "New"}}):
        body = {"data": {"type": "uploads", "id": one["id"], **members}}
        response = client.patch(address, json=body, content_type=JSON_API)
        assert response.status_code == 200, response.text
    after = fetch(client, address)["data"]
    assert after["attributes"]["alt"] == "New"
    changed = {"alt", "updated-at"}
    for name in before["attributes"].keys() - changed:
        assert after["attributes"][name] == before["attributes"][name]
    assert after["relationships"] == before["relationships"]


def test_a_change_is_answered_as_a_fetch_would_be(client: FlaskClient, one: dict[str, Any]) -> None:
    address = f"{COLLECTION}/{one['id']}"
    for query in ("", "?include=variants&fields[variants]=url&fields[uploads]=alt,variants"):
        body = document({"alt": f"New{query}"}, id=one["id"])
        response = client.patch(address + query, json=body, content_type=JSON_API)
        assert response.status_code == 200, response.text
        assert response.json == fetch(client, address + query)


# --- Errors -----------------------------------------------------------------------------------


def test_a_title_does_not_change_with_what_happened(client: FlaskClient) -> None:
    for first, second in (
        (client.get(f"{COLLECTION}?sort=a"), client.get(f"{COLLECTION}?page[size]=x")),
        (post(client, {}), post(client, {"data": 7})),
        (post(client, document({"data": 7})), post(client, document({}))),
    ):
        one, other = only_error(first), only_error(second)
        assert (one["code"], one["title"]) == (other["code"], other["title"])
        assert one["detail"] != other["detail"]
        assert one["id"] != other["id"]
