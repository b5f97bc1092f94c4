"""A valid document in which any value is another one, or missing, is read or refused.

The client of the tests validates each answer: every error points to a value that was sent.
"""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.documents import COLLECTION, JSON_API, data_uri, upload
from tests.examples import examples
from tests.images import picture

ATOMIC = f'{JSON_API};ext="https://jsonapi.org/ext/atomic"'
PLAIN = "application/json"
NOBODY = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"
IN_A_MONTH = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"

# What stands in place of a value; the last one takes it away.
MISSING = object()
OTHERS: tuple[object, ...] = (None, 7, "text", NOBODY, [], [None], {}, MISSING)

Place = tuple[str | int, ...]


class Request(NamedTuple):
    """A request with a document that is read there; `{upload}` and the like stand for ids."""

    method: str
    address: str
    document: Any
    media_type: str = JSON_API


def resource(type_: str, attributes: object, **members: object) -> dict[str, Any]:
    return {"type": type_, "attributes": attributes, **members}


UPLOAD = {
    "data": data_uri(picture()),
    "filename": "a.png",
    "alt": "x",
    "visibility": "public",
    "expires-at": IN_A_MONTH,
}
ECHOED = {
    "variants": {"data": [{"type": "variants", "id": "{upload}-thumbnail"}], "meta": {}},
    "owner": {"data": {"type": "users", "id": "{user}"}, "links": {"self": "/x"}},
    "unknown": {"data": None},
}
PRESET = {"name": "tiny", "width": 8, "height": 8, "fit": "cover", "format": "webp", "quality": 50}
TOKEN = {"name": "x", "scopes": ["uploads:read"], "expires-at": IN_A_MONTH}
SAME = resource("uploads", {}, id="{upload}")
CHANGE = resource("uploads", {"alt": "z"}, id="{upload}", relationships=ECHOED)

REQUESTS = {
    "new upload": Request(
        "POST",
        COLLECTION,
        {
            "data": resource("uploads", UPLOAD, lid="a", relationships=ECHOED, meta={}),
            "included": [resource("users", {}, id=NOBODY, relationships={"x": {"data": None}})],
            "jsonapi": {"version": "1.1"},
        },
    ),
    "changed upload": Request("PATCH", f"{COLLECTION}/{{upload}}", {"data": CHANGE, "links": {}}),
    "new user": Request(
        "POST", "/v1/users", {"data": resource("users", {"name": "Ada", "role": "member"})}
    ),
    "changed user": Request(
        "PATCH",
        "/v1/users/{user}",
        {"data": resource("users", {"email": "a@example.org"}, id="{user}")},
    ),
    "new token": Request(
        "POST", "/v1/tokens", {"data": resource("tokens", TOKEN, relationships={"owner": {}})}
    ),
    "new preset": Request("POST", "/v1/presets", {"data": resource("presets", PRESET)}),
    "changed preset": Request(
        "PATCH",
        "/v1/presets/{preset}",
        {"data": resource("presets", {"width": 9}, id="{preset}")},
    ),
    "added upload": Request(
        "POST",
        "/v1/operations",
        {
            "atomic:operations": [
                {
                    "op": "add",
                    "href": COLLECTION,
                    "data": resource("uploads", UPLOAD, lid="a"),
                },
                {
                    "op": "update",
                    "ref": {"type": "uploads", "lid": "a"},
                    "data": resource("uploads", {"alt": "z"}, lid="a"),
                },
                {"op": "remove", "ref": {"type": "uploads", "lid": "a"}},
            ]
        },
        ATOMIC,
    ),
    "operations": Request(
        "POST",
        "/v1/operations",
        {
            "atomic:operations": [
                {"op": "update", "data": CHANGE, "meta": {}},
                {"op": "update", "ref": {"type": "uploads", "id": "{upload}"}, "data": SAME},
                {"op": "update", "href": f"{COLLECTION}/{{upload}}", "data": SAME},
            ],
            "meta": {},
        },
        ATOMIC,
    ),
    "operation on a relationship": Request(
        "POST",
        "/v1/operations",
        {
            "atomic:operations": [
                {
                    "op": "update",
                    "ref": {"type": "uploads", "id": "{upload}", "relationship": "owner"},
                    "data": {"type": "users", "id": "{user}"},
                }
            ]
        },
        ATOMIC,
    ),
    "linkage": Request(
        "PATCH",
        f"{COLLECTION}/{{upload}}/relationships/variants",
        {"data": [{"type": "variants", "id": "{upload}-thumbnail"}]},
    ),
    "download link": Request(
        "POST", f"{COLLECTION}/{{upload}}/download-link", {"meta": {"expires-in": 60}}
    ),
    "session": Request(
        "POST", "/v1/auth/session", {"email": "a@example.org", "password": "x"}, PLAIN
    ),
    "open event": Request("POST", "/v1/upload/image", {"data": data_uri(picture())}, PLAIN),
}
REFUSED = {"operation on a relationship": 403, "linkage": 403, "session": 401}
every_request = pytest.mark.parametrize("name", REQUESTS)


@pytest.fixture
def ids(client: FlaskClient) -> dict[str, str]:
    """Return the ids of what is there."""
    presets: dict[str, Any] = client.get("/v1/presets").json  # type: ignore[assignment]  # it has a body
    user = {"data": resource("users", {"name": "User"})}
    made: dict[str, Any] = client.post("/v1/users", json=user, content_type=JSON_API).json  # type: ignore[assignment]  # it has a body
    return {
        "upload": upload(client, picture())["id"],
        "user": made["data"]["id"],
        "preset": presets["data"][0]["id"],
    }


def with_ids(text: str, ids: dict[str, str]) -> str:
    for name, id_ in ids.items():
        text = text.replace(f"{{{name}}}", id_)
    return text


def send(client: FlaskClient, ids: dict[str, str], name: str, document: object) -> int:
    """Send a document, and return the status of the answer."""
    request = REQUESTS[name]
    body = b"" if document is MISSING else with_ids(json.dumps(document), ids).encode()
    response = client.open(
        with_ids(request.address, ids),
        method=request.method,
        data=body,
        content_type=request.media_type,
    )
    assert response.status_code < 500, response.text
    return response.status_code


def places(node: object, here: Place = ()) -> Iterator[Place]:
    """Yield the place of each value of a document, the whole of it first."""
    yield here
    if isinstance(node, dict | list):
        for step, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from places(child, (*here, step))


def mutated(document: object, place: Place, value: object) -> object:
    """Return a document with another value in a place, or without any."""
    if not place:
        return value
    found: Any = copy.deepcopy(document)
    node = found
    for step in place[:-1]:
        node = node[step]
    if value is MISSING:
        del node[place[-1]]
    else:
        node[place[-1]] = value
    return found


@every_request
def test_one_value_is_another(client: FlaskClient, ids: dict[str, str], name: str) -> None:
    document = REQUESTS[name].document
    assert send(client, ids, name, document) in {200, 201, REFUSED.get(name)}
    refused = 0
    for place in places(document):
        for value in OTHERS:
            refused += send(client, ids, name, mutated(document, place, value)) >= 400
    assert refused


@every_request
@given(data=st.data())
@settings(
    max_examples=examples(100),
    # The examples share an application; what some of them add harms no other.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_several_values_are_others(
    client: FlaskClient, ids: dict[str, str], name: str, data: st.DataObject
) -> None:
    document = REQUESTS[name].document
    for _ in range(data.draw(st.integers(2, 5))):
        place = data.draw(st.sampled_from(list(places(document))[1:] or [()]))
        document = mutated(document, place, data.draw(st.sampled_from(OTHERS)))
    send(client, ids, name, document)


@pytest.mark.parametrize("type_", ["uploads", "users", "tokens", "presets"])
@pytest.mark.parametrize("name", ["owner", "variants", "a/b~c"])
@pytest.mark.parametrize("value", [None, 7, "x", []])
def test_a_relationship_is_an_object(
    client: FlaskClient, type_: str, name: str, value: object
) -> None:
    body = {"data": resource(type_, {}, relationships={name: value})}
    response = client.post(f"/v1/{type_}", json=body, content_type=JSON_API)
    assert response.status_code == 400
    pointer = f"/data/relationships/{name.replace('~', '~0').replace('/', '~1')}"
    assert [each["source"] for each in response.json["errors"]] == [{"pointer": pointer}]  # type: ignore[index]  # it has a body
