"""Bad uploads: a 4xx document, and nothing stored."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import AppFactory
from tests.cpu_time import within_cpu_time
from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, post
from tests.images import animation, noise, picture, png_that_claims
from tests.stored import StoredFiles

pytestmark = pytest.mark.default_stack("what is refused never gets to the database")


@pytest.fixture(autouse=True)
def _nothing_is_stored(client: FlaskClient, stored_files: StoredFiles) -> Iterator[None]:
    yield
    listing = client.get(COLLECTION).json
    assert listing is not None
    assert listing["meta"]["count"] == 0
    assert stored_files() == []


def refused(client: FlaskClient, attributes: dict[str, object]) -> dict[str, Any]:
    response = post(client, document(attributes))
    assert response.status_code == 422, response.text
    return only_error(response)


# --- The document -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"{", b"not json", b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"data": NaN}', b"1" * 5000],
)
def test_a_body_that_is_not_json(client: FlaskClient, body: bytes) -> None:
    response = client.post(COLLECTION, data=body, content_type=JSON_API)
    assert response.status_code == 400
    assert only_error(response)["code"] == "invalid-json"


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 40 + b"]" * 40])
def test_json_that_nests_deeply(client: FlaskClient, body: bytes) -> None:
    response = client.post(COLLECTION, data=body, content_type=JSON_API)
    assert response.status_code == 400
    assert only_error(response)["meta"]["limit"] == 32


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ("data", ""),
        (None, ""),
        ({}, ""),
        ({"meta": {}}, ""),
        ({"data": None}, "/data"),
        ({"data": 7}, "/data"),
        ({"data": []}, "/data"),
        ({"data": "uploads"}, "/data"),
        ({"data": {"attributes": {}}}, "/data"),
        ({"data": {"type": 1}}, "/data/type"),
        ({"data": {"type": "uploads", "attributes": []}}, "/data/attributes"),
        ({"data": {"type": "uploads", "attributes": None}}, "/data/attributes"),
        ({"data": {"type": "uploads", "relationships": 3}}, "/data/relationships"),
        ({"data": {"type": "uploads", "id": 5}}, "/data/id"),
        ({"data": {"type": "uploads", "lid": {}}}, "/data/lid"),
    ],
)
def test_json_that_is_not_the_document(client: FlaskClient, body: object, pointer: str) -> None:
    response = post(client, body)
    assert response.status_code == 400
    error = only_error(response)
    assert error["code"] == "invalid-document"
    assert error["source"] == {"pointer": pointer}


def test_another_type_is_a_conflict(client: FlaskClient) -> None:
    response = post(client, {"data": {"type": "images", "attributes": {}}})
    assert response.status_code == 409
    error = only_error(response)
    assert (error["code"], error["source"]) == ("type-conflict", {"pointer": "/data/type"})


def test_an_id_that_the_client_chose_is_forbidden(client: FlaskClient) -> None:
    id_ = "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11"
    response = post(client, document({"data": data_uri(picture())}, id=id_))
    assert response.status_code == 403
    error = only_error(response)
    assert (error["code"], error["source"]) == ("client-generated-id", {"pointer": "/data/id"})


# --- The data URI -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"data": {"type": "uploads"}}, "/data"),
        (document({}), "/data/attributes"),
        (document({"data": None}), "/data/attributes/data"),
    ],
)
def test_no_file_at_all(client: FlaskClient, body: object, pointer: str) -> None:
    response = post(client, body)
    assert response.status_code == 422
    error = only_error(response)
    assert error["code"] == "invalid-attribute"
    assert error["source"] == {"pointer": pointer}
    assert error["meta"]["attribute"] == "data"
    assert error["meta"]["message"] == error["detail"]


@pytest.mark.parametrize("value", [7, 1.5, True, [], ["data:"], {}, {"data": "x"}])
def test_a_file_that_is_not_a_string(client: FlaskClient, value: object) -> None:
    error = refused(client, {"data": value})
    assert error["code"] == "invalid-attribute"
    assert error["source"] == {"pointer": "/data/attributes/data"}


PAYLOAD = data_uri(picture()).partition(",")[2]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "data:image/png;base64",
        PAYLOAD,
        f"data:image/png,{PAYLOAD}",
        "data:image/svg+xml,%3Csvg/%3E",
        f"data:image/png;base64,{PAYLOAD}!",
        f"data:image/png;base64,{PAYLOAD}\0",
        f"data:image/png;base64,{PAYLOAD[:-4]}\u00e9AAA",
        f"data:image/png;base64,{PAYLOAD}=",
        "data:image/png;base64,A",
        "data:image/png;base64,AAAA=AAA",
        f"data:data:image/png;base64,{PAYLOAD}",
        f"data:image/../../png;base64,{PAYLOAD}",
        f"data:image/png;{'a=b;' * 6}base64,{PAYLOAD}",
        f'data:image/png;name="a,b";base64,{PAYLOAD}',
        f"data:image/png{';' * 20_000}base64,{PAYLOAD}",
        "http://127.0.0.1/picture.png",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ],
)
def test_a_string_that_is_not_a_base64_data_uri(client: FlaskClient, value: str) -> None:
    error = refused(client, {"data": value})
    assert error["code"] == "invalid-data-uri"
    assert error["source"] == {"pointer": "/data/attributes/data"}
    assert PAYLOAD not in error["detail"]


# --- The bytes --------------------------------------------------------------------------------


def test_an_empty_file(client: FlaskClient) -> None:
    assert refused(client, {"data": "data:image/png;base64,"})["code"] == "empty-file"


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj",
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
        bytes(range(256)) * 8,
        b"\0",
        picture("TIFF"),
        picture("BMP"),
    ],
    ids=["html", "pdf", "svg", "random", "one byte", "tiff", "bmp"],
)
def test_bytes_that_are_no_accepted_image_whatever_is_declared(
    client: FlaskClient, content: bytes
) -> None:
    error = refused(client, {"data": data_uri(content, "image/png")})
    assert error["code"] == "unsupported-file-type"
    assert error["source"] == {"pointer": "/data/attributes/data"}


def test_a_picture_of_a_phone_is_refused_with_advice(client: FlaskClient) -> None:
    content = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)
    error = only_error(post(client, document({"data": data_uri(content, "image/heic")})))
    assert error["code"] == "unsupported-file-type"
    assert "JPEG" in error["detail"]


def test_a_truncated_jpeg(client: FlaskClient) -> None:
    whole = noise((200, 200))
    assert refused(client, {"data": data_uri(whole[: len(whole) // 2])})["code"] == "corrupt-image"


def test_a_png_whose_pixels_are_damaged(client: FlaskClient) -> None:
    content = bytearray(picture(size=(200, 200)))
    middle = content.index(b"IDAT") + 20
    content[middle : middle + 30] = b"\xff" * 30
    assert refused(client, {"data": data_uri(bytes(content))})["code"] == "corrupt-image"


def test_a_tiny_png_that_claims_to_be_huge_is_refused_from_its_header(client: FlaskClient) -> None:
    content = png_that_claims(60_000, 60_000)
    assert len(content) < 100
    error = within_cpu_time(0.5, lambda: refused(client, {"data": data_uri(content)}))
    assert error["code"] == "too-many-pixels"
    assert error["meta"] | {"message": ""} == {
        "attribute": "data",
        "message": "",
        "limit": 50_000_000,
        "actual": 3_600_000_000,
    }


def test_more_pixels_than_the_limit(client: FlaskClient) -> None:
    error = refused(client, {"data": data_uri(png_that_claims(10_000, 5_001))})
    assert error["code"] == "too-many-pixels"
    assert error["meta"]["actual"] == 50_010_000


def test_an_animation_with_too_many_frames(client: FlaskClient) -> None:
    error = refused(client, {"data": data_uri(animation(501))})
    assert error["code"] == "too-many-frames"
    assert (error["meta"]["limit"], error["meta"]["actual"]) == (500, 501)


class TestSmallLimits:
    @pytest.fixture
    def app(self, make_app: AppFactory) -> Flask:
        return make_app(max_bytes=1000)

    def test_a_file_over_the_limit_in_a_request_that_is_not(self, client: FlaskClient) -> None:
        error = refused(client, {"data": data_uri(bytes(1001))})
        assert error["code"] == "file-too-large"
        assert (error["meta"]["limit"], error["meta"]["actual"]) == (1000, 1001)

    def test_a_request_over_the_limit(self, client: FlaskClient) -> None:
        response = post(client, document({"data": data_uri(bytes(100_000))}))
        assert response.status_code == 413
        error = only_error(response)
        assert error["code"] == "request-too-large"
        assert error["meta"]["actual"] > error["meta"]["limit"] > 1000


class TestFewTypes:
    @pytest.fixture
    def app(self, make_app: AppFactory) -> Flask:
        return make_app(media_types="image/png,image/jpeg")

    def test_a_type_that_the_settings_leave_out(self, client: FlaskClient) -> None:
        error = refused(client, {"data": data_uri(picture("WEBP"))})
        assert error["code"] == "unsupported-file-type"
        assert "image/webp" in error["detail"]


# --- The other attributes ---------------------------------------------------------------------


@pytest.mark.parametrize("value", [7, True, [], {}])
@pytest.mark.parametrize("name", ["filename", "alt"])
def test_a_text_that_is_not_a_string(client: FlaskClient, name: str, value: object) -> None:
    error = refused(client, {"data": data_uri(picture()), name: value})
    assert error["code"] == "invalid-attribute"
    assert error["source"] == {"pointer": f"/data/attributes/{name}"}
    assert error["meta"]["attribute"] == name


@pytest.mark.parametrize("name", ["filename", "alt", "data"])
def test_half_a_surrogate_pair(client: FlaskClient, name: str) -> None:
    attributes: dict[str, object] = {"data": data_uri(picture()), name: "\ud800"}
    error = refused(client, attributes)
    assert error["source"] == {"pointer": f"/data/attributes/{name}"}


def test_an_alt_text_that_is_too_long_or_holds_a_nul(client: FlaskClient) -> None:
    error = refused(client, {"data": data_uri(picture()), "alt": "x" * 2001})
    assert (error["meta"]["limit"], error["meta"]["actual"]) == (2000, 2001)
    assert refused(client, {"data": data_uri(picture()), "alt": "\0"})["source"] == {
        "pointer": "/data/attributes/alt"
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [("visibility", "secret"), ("visibility", 1), ("expires-at", "2020-01-01T00:00:00Z")],
)
def test_a_wish_that_would_be_ignored(client: FlaskClient, name: str, value: object) -> None:
    error = refused(client, {"data": data_uri(picture()), name: value})
    assert error["source"] == {"pointer": f"/data/attributes/{name}"}


def test_every_fault_is_named_in_one_answer(client: FlaskClient) -> None:
    response = post(client, document({"data": "nothing", "filename": 1, "alt": []}))
    assert response.status_code == 422
    body = response.json
    assert body is not None
    pointers = {error["source"]["pointer"] for error in body["errors"]}
    assert pointers == {f"/data/attributes/{name}" for name in ("data", "filename", "alt")}
