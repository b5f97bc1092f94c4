"""The two endpoints of the Open Event Server, unchanged on the wire."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.documents import COLLECTION, JSON_API, data_uri, only_error, path_of
from tests.images import picture
from tests.stored import StoredFiles

IMAGE, FILES = "/v1/upload/image", "/v1/upload/files"
FORM = 'multipart/form-data; boundary="b"'


def image(client: FlaskClient, body: object, **options: Any) -> TestResponse:  # noqa: ANN401 - the client's own
    options = {"content_type": "application/json", **options}
    return client.post(IMAGE, data=json.dumps(body), **options)


def files(client: FlaskClient, *parts: tuple[str, bytes, str]) -> TestResponse:
    body = b""
    for name, content, filename in parts:
        body += (
            f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
            f"Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        body += content + b"\r\n"
    return client.post(FILES, data=body + b"--b--\r\n", content_type=FORM)


def count(client: FlaskClient) -> int:
    found: int = client.get(COLLECTION).json["meta"]["count"]  # type: ignore[index]  # it has a body
    return found


@pytest.mark.parametrize("query", ["", "?force_local=true", "?force_local=", "?force_local=1&x=y"])
@pytest.mark.parametrize("content_type", ["application/json", JSON_API, ""])
def test_an_image_becomes_an_address(client: FlaskClient, query: str, content_type: str) -> None:
    body = json.dumps({"data": data_uri(picture("GIF"), "image/gif")})
    response = client.post(IMAGE + query, data=body, content_type=content_type)
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.json.keys() == {"url"}  # type: ignore[union-attr]  # it has a body
    assert client.get(path_of(response.json["url"])).data == picture("GIF")  # type: ignore[index]  # it has a body


def test_it_is_an_ordinary_upload(client: FlaskClient) -> None:
    url = image(client, {"data": data_uri(picture())}).json["url"]  # type: ignore[index]  # it has a body
    (resource,) = client.get(COLLECTION).json["data"]  # type: ignore[index]  # it has a body
    assert resource["attributes"]["url"] == url


@pytest.mark.parametrize(
    ("body", "status", "source"),
    [
        ([], 400, {"pointer": ""}),
        ({}, 422, {"pointer": ""}),
        ({"data": None}, 422, {"pointer": "/data"}),
        ({"data": 7}, 422, {"pointer": "/data"}),
        ({"data": "data:image/gif;base64,AAAA"}, 422, {"pointer": "/data"}),
        ({"data": "nonsense"}, 422, {"pointer": "/data"}),
    ],
)
def test_where_theirs_broke_ours_says_why(
    client: FlaskClient, body: object, status: int, source: dict[str, str]
) -> None:
    response = image(client, body)
    error = only_error(response)
    assert (response.status_code, error["source"]) == (status, source)


def test_a_file_becomes_an_address(client: FlaskClient) -> None:
    response = files(client, ("file", picture(), "a.png"))
    assert response.status_code == 200, response.text
    assert client.get(path_of(response.json["url"])).data == picture()  # type: ignore[index]  # it has a body


def test_several_files_become_a_list(client: FlaskClient) -> None:
    pictures = [picture("PNG"), picture("GIF")]
    response = files(client, *(("files[]", content, "a") for content in pictures))
    urls = response.json["url"]  # type: ignore[index]  # it has a body
    assert [client.get(path_of(url)).data for url in urls] == pictures
    one = files(client, ("files[]", pictures[0], "a")).json["url"]  # type: ignore[index]  # it has a body
    assert len(one) == 1


def test_of_both_kinds_of_part_file_wins(client: FlaskClient) -> None:
    response = files(client, ("files[]", picture("GIF"), "a"), ("file", picture("PNG"), "b"))
    assert client.get(path_of(response.json["url"])).data == picture("PNG")  # type: ignore[index]  # it has a body
    assert count(client) == 1


def test_of_several_files_all_are_kept_or_none(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    response = files(client, ("files[]", picture(), "a"), ("files[]", b"no picture", "b"))
    assert only_error(response)["code"] == "unsupported-file-type"
    assert (count(client), stored_files()) == (0, [])


def test_no_file_is_a_bad_request(client: FlaskClient) -> None:
    assert files(client).status_code == 400
    assert files(client, ("other", picture(), "a")).status_code == 400
    assert client.post(FILES, json={}).status_code == 415
    assert files(client, *[("files[]", picture(), "a")] * 21).status_code == 400


@pytest.mark.parametrize("address", [IMAGE, FILES])
def test_other_methods(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 405
