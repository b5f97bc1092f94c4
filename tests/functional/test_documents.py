"""What a document may hold, sent and received (JSON:API 1.1, "Document Structure")."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, post, upload
from tests.images import picture


def test_members_that_nobody_knows_are_ignored(client: FlaskClient) -> None:
    body = document(
        {"data": data_uri(picture()), "alt": "x", "unknown": {"data": [1]}, "@context": "y"},
        unknown=1,
        meta={"a": 1},
        links={"self": "/x", "unknown": None},
        **{"@type": "z", "version:id": "7"},
    )
    body |= {"unknown": [], "@graph": {}, "meta": {}, "links": {}, "jsonapi": {"version": "9"}}
    body["data"]["relationships"] = {"unknown": {"data": 7}, "@owner": 7, "version:id": None}
    response = post(client, body)
    assert response.status_code == 201, response.text
    assert response.json["data"]["attributes"]["alt"] == "x"  # type: ignore[index]  # it has a body


def test_names_are_case_sensitive(client: FlaskClient) -> None:
    made = upload(client, picture(), Alt="x", ALT="y")
    assert made["attributes"]["alt"] == ""
    wrong = {"Data": {"type": "uploads", "attributes": {"data": data_uri(picture())}}}
    assert post(client, wrong).status_code == 400
    assert post(client, {"data": {**document({})["data"], "type": "Uploads"}}).status_code == 409


def test_a_new_resource_may_have_a_name_for_this_document(client: FlaskClient) -> None:
    response = post(client, document({"data": data_uri(picture())}, lid="new"))
    assert response.status_code == 201
    assert "lid" not in response.json["data"]  # type: ignore[index]  # it has a body


@pytest.mark.parametrize(
    ("body", "status", "source"),
    [
        ([], 400, {"pointer": ""}),
        ("text", 400, {"pointer": ""}),
        ({}, 400, {"pointer": ""}),
        ({"meta": {}}, 400, {"pointer": ""}),
        ({"data": None}, 400, {"pointer": "/data"}),
        ({"data": []}, 400, {"pointer": "/data"}),
        ({"data": [{"type": "uploads"}]}, 400, {"pointer": "/data"}),
        ({"data": {}}, 400, {"pointer": "/data"}),
        ({"data": {"type": None}}, 400, {"pointer": "/data/type"}),
        ({"data": {"type": 7}}, 400, {"pointer": "/data/type"}),
        ({"data": {"type": "variants"}}, 409, {"pointer": "/data/type"}),
        ({"data": {"type": "uploads", "lid": 7}}, 400, {"pointer": "/data/lid"}),
        ({"data": {"type": "uploads", "id": 7}}, 400, {"pointer": "/data/id"}),
        ({"data": {"type": "uploads", "id": "7"}}, 403, {"pointer": "/data/id"}),
        ({"data": {"type": "uploads", "attributes": []}}, 400, {"pointer": "/data/attributes"}),
        (
            {"data": {"type": "uploads", "relationships": 7}},
            400,
            {"pointer": "/data/relationships"},
        ),
        (
            {"data": {"type": "uploads", "relationships": None}},
            400,
            {"pointer": "/data/relationships"},
        ),
        (
            {"data": {"type": "uploads", "relationships": {"a/b~c": None}}},
            400,
            {"pointer": "/data/relationships/a~1b~0c"},
        ),
        ({"data": {"type": "uploads"}, "errors": []}, 400, {"pointer": "/errors"}),
        ({"data": {"type": "uploads"}}, 422, {"pointer": "/data"}),
        ({"data": {"type": "uploads", "attributes": {}}}, 422, {"pointer": "/data/attributes"}),
    ],
)
def test_a_fault_is_named_where_it_is(
    client: FlaskClient, body: object, status: int, source: dict[str, str]
) -> None:
    response = post(client, body)
    assert response.status_code == status, response.text
    assert only_error(response)["source"] == source


@pytest.mark.parametrize(
    ("resource", "status", "pointer"),
    [
        ({"type": "uploads"}, 400, "/data"),
        ({"type": "uploads", "id": None}, 400, "/data"),
        ({"id": "{id}"}, 400, "/data"),
        ({"type": "variants", "id": "{id}"}, 409, "/data/type"),
        ({"type": "uploads", "id": "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"}, 409, "/data/id"),
    ],
)
def test_a_change_names_what_it_is_about(
    client: FlaskClient, resource: dict[str, str], status: int, pointer: str
) -> None:
    id_ = upload(client, picture())["id"]
    body = json.dumps({"data": resource}).replace("{id}", id_)
    response = client.patch(f"{COLLECTION}/{id_}", data=body, content_type=JSON_API)
    assert response.status_code == status
    assert only_error(response)["source"] == {"pointer": pointer}


def test_a_resource_shows_no_keys_of_others(client: FlaskClient) -> None:
    one = upload(client, picture())
    names = one["attributes"].keys() | one["relationships"].keys()
    assert len(names) == len(one["attributes"]) + len(one["relationships"])
    assert not {"id", "type", "lid", "owner-id"} & names
    assert one["links"].keys() == {"self"}


@pytest.mark.parametrize(
    "address", ["/v1?sort=a", "/v1?include=owner", f"{COLLECTION}?fields=a", f"{COLLECTION}?lid=1"]
)
def test_a_parameter_that_an_address_does_not_support(client: FlaskClient, address: str) -> None:
    error = only_error(client.get(address))
    assert error["status"] == "400"
    assert error["source"].keys() == {"parameter"}


@pytest.mark.parametrize("separator", ["[size]", "%5Bsize%5D", "%5bsize]"])
def test_brackets_may_be_encoded_or_not(client: FlaskClient, separator: str) -> None:
    upload(client, picture())
    upload(client, picture())
    body: dict[str, Any] = client.get(f"{COLLECTION}?page{separator}=1").json  # type: ignore[assignment]  # it has a body
    assert len(body["data"]) == 1


def test_the_entry_point_leads_everywhere(client: FlaskClient) -> None:
    body: dict[str, Any] = client.get("/v1").json  # type: ignore[assignment]  # it has a body
    assert "data" not in body
    addresses = {**body["meta"]["addresses"], **body["links"]}
    for address in addresses.values():
        response = client.get(address.removeprefix("http://127.0.0.1:8000"))
        assert response.status_code in {200, 405}, address
    assert client.get("/v1/").json == body
