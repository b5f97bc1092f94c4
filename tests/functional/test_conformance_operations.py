"""What the Atomic Operations extension asks and no other chapter shows."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.documents import COLLECTION, JSON_API, data_uri, document, upload
from tests.images import picture

ATOMIC = f'{JSON_API};ext="https://jsonapi.org/ext/atomic"'
UNKNOWN = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"


def run(client: FlaskClient, *operations: object, **members: object) -> TestResponse:
    body = json.dumps({"atomic:operations": operations, **members})
    return client.post("/v1/operations", data=body, content_type=ATOMIC)


def pointers(response: TestResponse) -> list[str]:
    return [error["source"]["pointer"] for error in response.json["errors"]]  # type: ignore[index]  # it has a body


@pytest.fixture
def add() -> dict[str, Any]:
    return {"op": "add", **document({"data": data_uri(picture())})}


@pytest.mark.parametrize(
    "target", [{}, {"ref": {"type": "uploads"}}, {"href": COLLECTION}, {"href": f"{COLLECTION}/"}]
)
def test_a_collection_may_be_named_or_not(
    client: FlaskClient, add: dict[str, Any], target: dict[str, object]
) -> None:
    response = run(client, add | target)
    assert response.status_code == 200, response.text
    assert len(client.get(COLLECTION).json["data"]) == 1  # type: ignore[index]  # it has a body


@pytest.mark.parametrize(
    "target",
    [
        {"ref": {"type": "uploads", "id": UNKNOWN}},
        {"ref": {"type": "uploads", "lid": "a"}},
        {"href": f"{COLLECTION}/{UNKNOWN}"},
    ],
)
def test_what_is_added_is_not_there_before(
    client: FlaskClient, add: dict[str, Any], target: dict[str, object]
) -> None:
    response = run(client, add | target)
    assert response.status_code == 400
    assert pointers(response) == [f"/atomic:operations/0/{min(target)}"]


@pytest.mark.parametrize("member", ["atomic:results", "data", "included", "errors"])
def test_operations_stand_beside_no_other_data(
    client: FlaskClient, add: dict[str, Any], member: str
) -> None:
    response = run(client, add, **{member: []})
    assert response.status_code == 400
    assert client.get(COLLECTION).json["data"] == []  # type: ignore[index]  # it has a body


def test_meta_may_stand_anywhere(client: FlaskClient, add: dict[str, Any]) -> None:
    response = run(client, add | {"meta": {"a": 1}}, meta={"b": 2}, jsonapi={}, links={})
    assert response.status_code == 200, response.text


@pytest.mark.parametrize("verb", ["add", "update", "remove"])
@pytest.mark.parametrize(
    ("name", "data"), [("owner", None), ("variants", [{"type": "variants", "id": "x"}])]
)
def test_no_operation_changes_a_relationship(
    client: FlaskClient, verb: str, name: str, data: object
) -> None:
    one = upload(client, picture())
    ref = {"type": "uploads", "id": one["id"], "relationship": name}
    href = one["relationships"][name]["links"]["self"]
    for target, member in (({"ref": ref}, "ref/relationship"), ({"href": href}, "href")):
        response = run(client, {"op": verb, "data": data, **target})
        assert response.status_code == 403, response.text
        assert pointers(response) == [f"/atomic:operations/0/{member}"]


def test_a_relationship_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    one = upload(client, picture())["id"]
    for id_, name, pointer in (
        (one, "nothing", "/ref/relationship"),
        (UNKNOWN, "nothing", "/ref/relationship"),
        (UNKNOWN, "owner", "/ref"),
    ):
        ref = {"type": "uploads", "id": id_, "relationship": name}
        response = run(client, {"op": "update", "ref": ref, "data": None})
        assert response.status_code == 404
        assert pointers(response) == [f"/atomic:operations/0{pointer}"]


def test_a_name_is_the_same_throughout_an_operation(
    client: FlaskClient, add: dict[str, Any]
) -> None:
    add["data"]["lid"] = "a"
    other = {"type": "uploads", "lid": "b", "attributes": {"alt": "x"}}
    update = {"op": "update", "ref": {"type": "uploads", "lid": "a"}, "data": other}
    response = run(client, add, update)
    assert response.status_code == 409
    assert pointers(response) == ["/atomic:operations/1/data/lid"]
    assert client.get(COLLECTION).json["data"] == []  # type: ignore[index]  # it has a body


def test_an_update_says_what_it_changes_to(client: FlaskClient) -> None:
    id_ = upload(client, picture())["id"]
    response = run(client, {"op": "update", "ref": {"type": "uploads", "id": id_}})
    assert response.status_code == 400
    assert pointers(response) == ["/atomic:operations/0"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_operations_are_posted(client: FlaskClient, method: str) -> None:
    response = client.open("/v1/operations", method=method, content_type=ATOMIC)
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
