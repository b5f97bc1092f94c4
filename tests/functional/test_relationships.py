"""What an upload is related to: its variants and its owner."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from open_event_uploads.accounts.user import User
from open_event_uploads.context import db
from open_event_uploads.uploads.model import Upload
from tests.conftest import AppFactory
from tests.documents import COLLECTION, JSON_API, document, only_error, path_of, post, upload
from tests.documents import data_uri as uri
from tests.images import picture

SIZES = ["icon", "icon-square", "large", "small", "thumbnail", "thumbnail-square"]
BASE = "http://127.0.0.1:8000"
UNKNOWN = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"


def fetch(client: FlaskClient, address: str) -> dict[str, Any]:
    response = client.get(path_of(address))
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # it has a body
    return body


@pytest.fixture
def app(make_app: AppFactory) -> Flask:
    """One that takes files from anybody: nobody owns those."""
    return make_app(anonymous_uploads=True)


@pytest.fixture
def one(stranger: FlaskClient) -> dict[str, Any]:
    return upload(stranger, picture(size=(1200, 800)), filename="talk.png")


@pytest.fixture
def owner(app: Flask, one: dict[str, Any]) -> str:
    """The id of a user whom the upload is given to."""
    with app.app_context():
        user = User(name="Ada")
        db.session.add(user)
        db.session.flush()
        upload_row = db.session.get(Upload, one["id"])
        assert upload_row
        upload_row.owner_id = user.id
        db.session.commit()
        return user.id


def test_every_relationship_has_both_links_and_linkage(one: dict[str, Any]) -> None:
    address = one["links"]["self"]
    assert one["relationships"] == {
        "variants": {
            "links": {
                "self": f"{address}/relationships/variants",
                "related": f"{address}/variants",
            },
            "data": [{"type": "variants", "id": f"{one['id']}-{name}"} for name in SIZES],
        },
        "owner": {
            "links": {"self": f"{address}/relationships/owner", "related": f"{address}/owner"},
            "data": None,
        },
    }


def test_every_address_in_a_relationship_answers(client: FlaskClient, one: dict[str, Any]) -> None:
    for relationship in one["relationships"].values():
        linkage = fetch(client, relationship["links"]["self"])
        assert linkage["data"] == relationship["data"]
        assert linkage["links"]["related"] == relationship["links"]["related"]
        related = fetch(client, relationship["links"]["related"])["data"]
        ids = [each["id"] for each in related] if isinstance(related, list) else related
        assert ids == ([f"{one['id']}-{name}" for name in SIZES] if relationship["data"] else None)


def test_an_empty_to_one_is_null(client: FlaskClient, one: dict[str, Any]) -> None:
    assert fetch(client, one["relationships"]["owner"]["links"]["related"])["data"] is None


def test_an_owner_is_named_by_id_and_name_alone(
    stranger: FlaskClient, one: dict[str, Any], owner: str
) -> None:
    related = fetch(stranger, f"{COLLECTION}/{one['id']}/owner")["data"]
    assert related == {
        "type": "users",
        "id": owner,
        "attributes": {"name": "Ada"},
        "links": {"self": f"{BASE}/v1/users/{owner}"},
    }
    assert fetch(stranger, related["links"]["self"])["data"] == related


def test_a_variant_knows_its_upload(client: FlaskClient, one: dict[str, Any]) -> None:
    variants = fetch(client, f"{COLLECTION}/{one['id']}/variants")["data"]
    variant = variants[SIZES.index("thumbnail")]
    attributes = variant["attributes"]
    assert attributes["name"] == "thumbnail"
    assert (attributes["width"], attributes["height"]) == (500, 333)
    links = variant["relationships"]["upload"]["links"]
    assert fetch(client, links["related"])["data"]["id"] == one["id"]
    assert fetch(client, links["self"])["data"] == {"type": "uploads", "id": one["id"]}
    assert fetch(client, variant["links"]["self"])["data"] == variant


# --- include ----------------------------------------------------------------------------------


def test_included_resources_come_once_and_never_as_primary_data_again(
    client: FlaskClient, stranger: FlaskClient, one: dict[str, Any], owner: str
) -> None:
    upload(stranger, picture(colour="red"))
    body = fetch(client, f"{COLLECTION}?include=owner,variants.upload.owner")
    assert len(body["data"]) == 2
    found = sorted((each["type"], each["id"]) for each in body["included"])
    assert ("users", owner) in found
    assert [type_ for type_, _ in found] == ["users"] + ["variants"] * 2 * len(SIZES)
    assert one["id"] not in [id_ for _, id_ in found]


def test_a_new_upload_can_bring_its_variants(stranger: FlaskClient) -> None:
    response = stranger.post(
        f"{COLLECTION}?include=variants,owner&fields[variants]=url",
        json=document({"data": uri(picture())}),
        content_type=JSON_API,
    )
    assert response.status_code == 201
    included = response.json["included"]  # type: ignore[index]  # it has a body
    assert [list(each["attributes"]) for each in included] == [["url"]] * len(SIZES)


def test_a_changed_upload_can_bring_its_owner(
    client: FlaskClient, one: dict[str, Any], owner: str
) -> None:
    response = client.patch(
        f"{COLLECTION}/{one['id']}?include=owner",
        json=document({}, id=one["id"]),
        content_type=JSON_API,
    )
    assert [each["id"] for each in response.json["included"]] == [owner]  # type: ignore[index]  # it has a body


def test_linkage_can_bring_what_it_names(client: FlaskClient, one: dict[str, Any]) -> None:
    address = f"{COLLECTION}/{one['id']}/relationships/variants"
    body = fetch(client, f"{address}?include=variants.upload")
    types = [each["type"] for each in body["included"]]
    assert sorted(types) == ["uploads"] + ["variants"] * len(SIZES)
    alone = fetch(client, f"{address}?include=variants")
    assert [each["type"] for each in alone["included"]] == ["variants"] * len(SIZES)
    assert only_error(client.get(f"{address}?include=owner"))["source"] == {"parameter": "include"}


def test_asking_for_nothing_includes_nothing(client: FlaskClient, one: dict[str, Any]) -> None:
    assert fetch(client, f"{COLLECTION}/{one['id']}?include=")["included"] == []
    assert "included" not in fetch(client, f"{COLLECTION}/{one['id']}")


@pytest.mark.parametrize(
    "path",
    [
        "comments",
        "variants.comments",
        "variants.",
        ".",
        "owner.variants",
        "variants.upload.variants.upload",
        "filename",
        ",".join(f"variants{n}" for n in range(30)),
    ],
)
def test_a_path_that_leads_nowhere_or_too_far(client: FlaskClient, path: str) -> None:
    error = only_error(client.get(f"{COLLECTION}?include={path}"))
    assert (error["status"], error["source"]) == ("400", {"parameter": "include"})


def test_a_fieldset_without_a_relationship_hides_it(
    client: FlaskClient, one: dict[str, Any]
) -> None:
    address = f"{COLLECTION}/{one['id']}"
    assert "relationships" not in fetch(client, f"{address}?fields[uploads]=alt")["data"]
    resource = fetch(client, f"{address}?fields[uploads]=owner")["data"]
    assert list(resource["relationships"]) == ["owner"]
    assert "attributes" not in resource


# --- What is not there, and what cannot be changed ---------------------------------------------


@pytest.mark.parametrize("address", ["comments", "relationships/comments", "relationships/id"])
def test_an_unknown_relationship(client: FlaskClient, one: dict[str, Any], address: str) -> None:
    for method in ("get", "patch"):
        call = getattr(client, method)
        response = call(f"{COLLECTION}/{one['id']}/{address}", json={}, content_type=JSON_API)
        assert response.status_code in {404, 405}
    assert client.get(f"{COLLECTION}/{one['id']}/{address}").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        f"{COLLECTION}/{UNKNOWN}/variants",
        f"{COLLECTION}/{UNKNOWN}/relationships/owner",
        f"/v1/variants/{UNKNOWN}-thumbnail",
        f"/v1/variants/{UNKNOWN}-thumbnail/upload",
        f"/v1/users/{UNKNOWN}",
    ],
)
def test_an_unknown_parent(client: FlaskClient, address: str) -> None:
    assert only_error(client.get(address))["status"] == "404"


def test_an_unknown_preset(client: FlaskClient, one: dict[str, Any]) -> None:
    assert client.get(f"/v1/variants/{one['id']}-enormous").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("name", ["variants", "owner"])
def test_a_relationship_cannot_be_written(
    client: FlaskClient, one: dict[str, Any], name: str, method: str
) -> None:
    address = f"{COLLECTION}/{one['id']}/relationships/{name}"
    response = client.open(address, method=method, json={"data": []}, content_type=JSON_API)
    assert only_error(response)["code"] == "read-only-relationship"
    assert response.status_code == 403
    missing = client.open(
        address.replace(one["id"], UNKNOWN), method=method, json={"data": []}, content_type=JSON_API
    )
    assert missing.status_code == 404


def test_related_resources_cannot_be_posted_to(client: FlaskClient, one: dict[str, Any]) -> None:
    response = client.post(f"{COLLECTION}/{one['id']}/variants", json={}, content_type=JSON_API)
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def sent(relationships: object) -> dict[str, Any]:
    return document({"data": uri(picture())}, relationships=relationships)


@pytest.mark.usefixtures("owner")
def test_relationships_sent_with_a_new_upload_change_nothing(
    stranger: FlaskClient, one: dict[str, Any], owner: str
) -> None:
    body = sent(
        {
            "owner": {"data": {"type": "users", "id": owner}},
            "variants": {"data": [{"type": "variants", "id": f"{one['id']}-thumbnail"}]},
            "elsewhere": {"data": {"type": "things", "id": "1"}},
        }
    )
    response = post(stranger, body)
    assert response.json["data"]["relationships"]["owner"]["data"] is None  # type: ignore[index]  # it has a body


@pytest.mark.parametrize(
    "relationships",
    [
        {},
        {"owner": {}},
        {"owner": {"data": None}, "variants": {"data": []}},
        {"owner": {"links": {"related": "/v1/users/x"}}},
    ],
)
def test_relationships_without_linkage_say_nothing(
    client: FlaskClient, relationships: object
) -> None:
    assert post(client, sent(relationships)).status_code == 201


NOBODY = {"type": "users", "id": UNKNOWN}


@pytest.mark.parametrize(
    ("relationships", "status", "pointer"),
    [
        ({"owner": {"data": NOBODY}}, 404, "owner/data"),
        ({"owner": {"data": {"type": "users", "id": "\0"}}}, 404, "owner/data"),
        ({"owner": {"data": {"type": "users", "lid": "a"}}}, 404, "owner/data"),
        ({"owner": {"data": {"type": "uploads", "id": UNKNOWN}}}, 409, "owner/data/type"),
        ({"owner": {"data": [NOBODY]}}, 400, "owner/data"),
        ({"owner": {"data": "x"}}, 400, "owner/data"),
        ({"owner": {"data": {"type": "users", "id": 1}}}, 400, "owner/data/id"),
        ({"owner": {"data": {"type": "users", "id": None}}}, 400, "owner/data/id"),
        ({"owner": {"data": {"type": "users", "id": UNKNOWN, "lid": 1}}}, 400, "owner/data/lid"),
        ({"owner": {"data": {"type": 1, "id": UNKNOWN}}}, 400, "owner/data/type"),
        ({"owner": {"data": {"type": "users"}}}, 400, "owner/data"),
        ({"owner": {"data": {"id": UNKNOWN}}}, 400, "owner/data"),
        ({"owner": {"data": {}}}, 400, "owner/data"),
        ({"owner": []}, 400, "owner"),
        ({"owner": None}, 400, "owner"),
        ({"variants": None}, 400, "variants"),
        ({"variants": {"data": None}}, 400, "variants/data"),
        ({"variants": {"data": [7]}}, 400, "variants/data/0"),
        ({"variants": {"data": [{"type": "variants", "id": "x"}]}}, 404, "variants/data/0"),
        (
            {"variants": {"data": [{"type": "variants", "id": f"{UNKNOWN}-thumbnail"}]}},
            404,
            "variants/data/0",
        ),
        ({"variants": {"data": [NOBODY] * 101}}, 400, "variants/data"),
    ],
)
def test_linkage_to_what_is_not_there_is_refused(
    client: FlaskClient, one: dict[str, Any], relationships: object, status: int, pointer: str
) -> None:
    body = sent(relationships)
    changing = {"data": {**body["data"], "id": one["id"]}}
    address = f"{COLLECTION}/{one['id']}"
    for response in (
        post(client, body),
        client.patch(address, json=changing, content_type=JSON_API),
    ):
        assert response.status_code == status, response.text
        assert only_error(response)["source"] == {"pointer": f"/data/relationships/{pointer}"}
    assert client.get(COLLECTION).json["meta"]["count"] == 1  # type: ignore[index]  # it has a body


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_what_the_server_keeps_cannot_be_written(
    client: FlaskClient, one: dict[str, Any], method: str
) -> None:
    address = f"/v1/variants/{one['id']}-thumbnail"
    response = client.open(address, method=method, json={}, content_type=JSON_API)
    assert (response.status_code, only_error(response)["code"]) == (403, "read-only-resource")
    address = f"/v1/variants/{UNKNOWN}-thumbnail"
    missing = client.open(address, method=method, json={}, content_type=JSON_API)
    assert missing.status_code == 404


def test_a_token_cannot_be_changed(client: FlaskClient) -> None:
    body = {"data": {"type": "tokens", "attributes": {"name": "first"}}}
    token = client.post("/v1/tokens", json=body, content_type=JSON_API).json["data"]  # type: ignore[index]  # it has a body
    change = {"data": {"type": "tokens", "id": token["id"], "attributes": {"name": "second"}}}
    address = path_of(token["links"]["self"])
    response = client.patch(address, json=change, content_type=JSON_API)
    assert (response.status_code, only_error(response)["code"]) == (403, "read-only-resource")
    assert fetch(client, address)["data"] == token
    missing = client.patch(f"/v1/tokens/{UNKNOWN}", json=change, content_type=JSON_API)
    assert missing.status_code == 404
