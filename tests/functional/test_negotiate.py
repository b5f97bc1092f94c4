"""Media types, extensions and profiles (JSON:API 1.1, "Content Negotiation")."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, upload
from tests.images import picture

pytestmark = pytest.mark.default_stack("media types are chosen before a row is read")

ATOMIC = "https://jsonapi.org/ext/atomic"
CURSORS = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/"
UNKNOWN = "https://example.org/unknown"

FOREIGN = [f"{JSON_API};charset=utf-8", f"{JSON_API}; version=1", f'{JSON_API};ext="{UNKNOWN}"']
OURS = [JSON_API, f"{JSON_API};", f'{JSON_API}; profile="{UNKNOWN} {CURSORS}"']


@pytest.fixture
def new() -> dict[str, Any]:
    return document({"data": data_uri(picture())})


@pytest.mark.parametrize("content_type", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_a_parameter_or_an_extension_that_is_not_ours_is_415(
    client: FlaskClient, content_type: str, method: str
) -> None:
    address = f"{COLLECTION}/{upload(client, picture())['id']}"
    response = client.open(
        COLLECTION if method == "POST" else address, method=method, content_type=content_type
    )
    assert response.status_code == 415
    assert only_error(response)["source"] == {"header": "Content-Type"}
    assert response.headers["Accept"] == JSON_API
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("content_type", OURS)
def test_no_parameter_or_any_profile_is_read(
    client: FlaskClient, content_type: str, new: dict[str, Any]
) -> None:
    assert client.post(COLLECTION, json=new, content_type=content_type).status_code == 201
    assert client.get(COLLECTION, content_type=content_type).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "nonsense"])
def test_what_comes_beside_a_request_without_a_document_may_be_called_anything(
    client: FlaskClient, content_type: str
) -> None:
    id_ = upload(client, picture())["id"]
    assert client.get(f"{COLLECTION}/{id_}", content_type=content_type).status_code == 200
    assert client.delete(f"{COLLECTION}/{id_}", content_type=content_type).status_code == 204


@pytest.mark.parametrize("accept", FOREIGN)
def test_who_takes_only_what_we_do_not_have_gets_406(client: FlaskClient, accept: str) -> None:
    response = client.get(COLLECTION, headers={"Accept": f"text/html, {accept}, {accept};q=0.5"})
    assert response.status_code == 406
    assert only_error(response)["source"] == {"header": "Accept"}


@pytest.mark.parametrize("accept", FOREIGN)
@pytest.mark.parametrize("other", [*OURS, f'{JSON_API};ext="{ATOMIC}"'])
def test_one_instance_that_we_have_is_enough(client: FlaskClient, accept: str, other: str) -> None:
    response = client.get(COLLECTION, headers={"Accept": f"{accept}, {other};q=0.1"})
    assert response.status_code == 200


@pytest.mark.parametrize("accept", ["*/*", "application/*", "text/html", "application/json", ""])
def test_who_does_not_name_our_media_type_gets_it_all_the_same(
    client: FlaskClient, accept: str
) -> None:
    response = client.get(COLLECTION, headers={"Accept": accept})
    assert (response.status_code, response.content_type) == (200, JSON_API)


def test_every_document_has_the_media_type_and_says_what_it_varies_by(
    client: FlaskClient, new: dict[str, Any]
) -> None:
    made = client.post(COLLECTION, json=new, content_type=JSON_API)
    address = made.headers["Location"].removeprefix("http://127.0.0.1:8000")
    tag = client.get(address).headers["ETag"]
    answers = [
        made,
        client.get("/v1"),
        client.get(COLLECTION),
        client.get(address),
        client.get(f"{address}/owner"),
        client.get(f"{address}/relationships/variants"),
        client.get(f"{COLLECTION}?sort=nothing"),
        client.get("/v1/nothing"),
        client.put(address),
    ]
    for answer in answers:
        assert answer.content_type == JSON_API
        assert answer.json["jsonapi"] == {"version": "1.1"}  # type: ignore[index]  # it has a body
    answers += [client.get(address, headers={"If-None-Match": tag}), client.delete(address)]
    assert [answer.status_code for answer in answers[-2:]] == [304, 204]
    assert {answer.headers["Vary"] for answer in answers} == {"Accept, Origin, Authorization"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": f'{JSON_API};profile="{CURSORS}"'},
        {"Accept": f'{JSON_API};profile="{UNKNOWN} {CURSORS}"'},
        {"Accept": f'{JSON_API};profile="{CURSORS}";q=0.5, text/html'},
        {"Accept": f'{JSON_API}, {JSON_API};profile="{CURSORS}"'},
        {"Accept": f'{JSON_API};q=0.5, {JSON_API};q=0.5;profile="{UNKNOWN} {CURSORS}", */*'},
        {"Accept": f'{JSON_API};profile="{UNKNOWN}", {JSON_API};profile="{CURSORS}"'},
        {"Accept": f'{JSON_API};q=0, {JSON_API};profile="{CURSORS}";q=0.001'},
        {"Content-Type": f'{JSON_API};profile="{CURSORS}"'},
    ],
)
def test_a_profile_that_is_applied_is_named_in_three_places(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    response = client.get(COLLECTION, headers=headers)
    applied = f'{JSON_API};profile="{CURSORS}"'
    assert response.content_type == applied
    assert response.json["jsonapi"] == {"version": "1.1", "profile": [CURSORS]}  # type: ignore[index]  # it has a body
    href = f"http://127.0.0.1:8000{COLLECTION}"
    assert response.json["links"]["self"] == {"href": href, "type": applied}  # type: ignore[index]  # it has a body


@pytest.mark.parametrize(
    "accept",
    [
        f'{JSON_API};profile="{UNKNOWN}"',
        f'{JSON_API};profile="{CURSORS}x"',
        f'{JSON_API}, {JSON_API};profile="{CURSORS}";q=0.9',
        f'{JSON_API};q=0.1, {JSON_API};profile="{CURSORS}";q=0',
        f'{JSON_API}, {JSON_API};profile="{CURSORS}";charset=utf-8',
    ],
)
def test_a_profile_that_nobody_knows_or_wants_is_ignored(client: FlaskClient, accept: str) -> None:
    response = client.get(f"{COLLECTION}?page[number]=1", headers={"Accept": accept})
    assert (response.status_code, response.content_type) == (200, JSON_API)


def test_an_extension_is_applied_where_it_is_spoken(client: FlaskClient) -> None:
    atomic = f'{JSON_API};ext="{ATOMIC}"'
    body: dict[str, Any] = {
        "atomic:operations": [{"op": "add", **document({"data": data_uri(picture())})}]
    }
    headers = {"Accept": atomic}
    run = client.post("/v1/operations", json=body, content_type=atomic, headers=headers)
    assert (run.status_code, run.content_type) == (200, atomic)
    assert run.json["jsonapi"] == {"version": "1.1", "ext": [ATOMIC]}  # type: ignore[index]  # it has a body
    refused = client.post("/v1/operations", json={}, content_type=atomic, headers=headers)
    assert (refused.status_code, refused.content_type) == (400, atomic)
    # Elsewhere it would forbid `data`.
    assert client.get(COLLECTION, headers=headers).content_type == JSON_API
    assert client.post("/v1/operations", json=body, content_type=JSON_API).status_code == 415
