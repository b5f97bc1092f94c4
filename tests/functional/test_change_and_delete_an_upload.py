"""`PATCH` and `DELETE /v1/uploads/{id}`."""

import pytest
from flask.testing import FlaskClient

from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, patch, path_of
from tests.documents import upload as create
from tests.images import noise, picture
from tests.stored import StoredFiles

UNKNOWN = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"


def test_a_description_changes_and_the_bytes_stay(client: FlaskClient) -> None:
    before = create(client, picture(), filename="a.png")
    response = patch(client, before["id"], alt="The stage", filename="../b.png")
    assert response.status_code == 200
    after = response.json["data"]["attributes"]  # type: ignore[index]  # it has a body
    assert (after["alt"], after["filename"]) == ("The stage", "b.png")
    assert after["url"] == before["attributes"]["url"]
    assert after["updated-at"] > before["attributes"]["updated-at"]


def test_every_attribute_echoed_with_nulls_changes_nothing(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    before = create(client, picture(), alt="kept")
    files = stored_files()
    response = patch(client, before["id"], **before["attributes"], data=None)
    assert response.status_code == 200
    assert response.json["data"] == before  # type: ignore[index]  # it has a body
    nulls = dict.fromkeys([*before["attributes"], "data"])
    assert patch(client, before["id"], **nulls).json["data"] == before  # type: ignore[index]  # it has a body
    assert stored_files() == files


def test_an_empty_string_clears_alt(client: FlaskClient) -> None:
    before = create(client, picture(), alt="old")
    response = patch(client, before["id"], alt="")
    assert response.json["data"]["attributes"]["alt"] == ""  # type: ignore[index]  # it has a body


def test_the_same_bytes_again_are_no_change(client: FlaskClient, stored_files: StoredFiles) -> None:
    before = create(client, picture())
    files = stored_files()
    response = patch(client, before["id"], data=data_uri(picture(), "image/gif"))
    assert response.json["data"] == before  # type: ignore[index]  # it has a body
    assert stored_files() == files


def test_other_bytes_have_another_url_and_the_old_one_is_gone(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    before = create(client, picture(), filename="a.png")
    content = noise((50, 40))
    after = patch(client, before["id"], data=data_uri(content)).json["data"]  # type: ignore[index]  # it has a body
    assert after["id"] == before["id"]
    assert after["attributes"]["media-type"] == "image/jpeg"
    assert (after["attributes"]["width"], after["attributes"]["height"]) == (50, 40)
    assert client.get(path_of(before["attributes"]["url"])).status_code == 404
    assert client.get(path_of(after["attributes"]["url"])).data == content
    assert len(stored_files()) == 1


def test_refused_bytes_change_nothing(client: FlaskClient, stored_files: StoredFiles) -> None:
    before = create(client, picture(), alt="old")
    files = stored_files()
    response = patch(client, before["id"], alt="new", data=data_uri(b"<html>"))
    assert response.status_code == 422
    assert only_error(response)["source"] == {"pointer": "/data/attributes/data"}
    after = client.get(f"{COLLECTION}/{before['id']}").json
    assert after is not None
    assert after["data"] == before
    assert stored_files() == files


def test_relationships_in_a_patch_change_nothing(client: FlaskClient) -> None:
    before = create(client, picture())
    body = document({}, id=before["id"], relationships={"owner": {"data": None}})
    response = client.patch(f"{COLLECTION}/{before['id']}", json=body, content_type=JSON_API)
    assert response.json["data"] == before  # type: ignore[index]  # it has a body


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"id": UNKNOWN}, 409, "id-conflict"),
        ({}, 400, "invalid-document"),
        ({"type": "images"}, 409, "type-conflict"),
    ],
)
def test_a_patch_of_something_else(
    client: FlaskClient, members: dict[str, str], status: int, code: str
) -> None:
    id_ = create(client, picture())["id"]
    body = {"data": {"type": "uploads", "attributes": {}} | members}
    response = client.patch(f"{COLLECTION}/{id_}", json=body, content_type=JSON_API)
    assert response.status_code == status
    assert only_error(response)["code"] == code


def test_a_patch_of_nothing(client: FlaskClient) -> None:
    assert patch(client, UNKNOWN, alt="x").status_code == 404


def test_a_deleted_upload_is_gone_with_its_bytes(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    resource = create(client, picture())
    response = client.delete(f"{COLLECTION}/{resource['id']}")
    assert (response.status_code, response.data) == (204, b"")
    assert "Content-Type" not in response.headers
    assert client.get(f"{COLLECTION}/{resource['id']}").status_code == 404
    assert client.get(path_of(resource["attributes"]["url"])).status_code == 404
    assert stored_files() == []
    again = client.delete(f"{COLLECTION}/{resource['id']}")
    assert only_error(again)["code"] == "not-found"
