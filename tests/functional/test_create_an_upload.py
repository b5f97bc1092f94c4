"""`POST /v1/uploads`."""

import base64
import hashlib
import re
import uuid
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from tests.documents import data_uri, document, path_of, post, upload
from tests.images import animation, noise, picture
from tests.stored import StoredFiles


def test_the_answer_is_the_resource_with_its_location(client: FlaskClient) -> None:
    response = post(client, document({"data": data_uri(picture()), "filename": "talk.png"}))
    assert response.status_code == 201
    body = response.json
    assert body is not None
    assert body["jsonapi"] == {"version": "1.1"}
    location = response.headers["Location"]
    assert location == body["links"]["self"] == body["data"]["links"]["self"]
    assert location == f"http://127.0.0.1:8000/v1/uploads/{body['data']['id']}"


def test_the_id_begins_with_the_time_and_the_key_does_not(client: FlaskClient) -> None:
    made = upload(client, picture())
    key = path_of(made["attributes"]["url"]).rpartition("/")[2].partition(".")[0]
    created_at = datetime.fromisoformat(made["attributes"]["created-at"])
    id_ = uuid.UUID(made["id"])
    assert (id_.version, uuid.UUID(key).version) == (7, 4)
    assert abs((id_.int >> 80) - created_at.timestamp() * 1000) < 60_000


def test_the_resource_says_what_the_bytes_are(client: FlaskClient) -> None:
    content = picture(size=(31, 17))
    described = {"alt": "The main stage", "caption": "The keynote", "credit": "Ada Lovelace"}
    resource = upload(client, content, filename="talk.png", **described)
    attributes = resource["attributes"]
    assert re.fullmatch(r"[0-9-]{10}T[0-9:]{8}\.[0-9]{6}Z", attributes["created-at"])
    assert len(base64.b64decode(attributes["placeholder"])) < 30
    assert attributes == {
        "filename": "talk.png",
        **described,
        "url": attributes["url"],
        "visibility": "public",
        "expires-at": None,
        "status": "ready",
        "media-type": "image/png",
        "size": len(content),
        "checksum": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "width": 31,
        "height": 17,
        "frames": 1,
        "placeholder": attributes["placeholder"],
        "color": "#008080",
        "created-at": attributes["created-at"],
        "updated-at": attributes["created-at"],
    }


@pytest.mark.parametrize(
    ("format_", "media_type", "extension"),
    [
        ("JPEG", "image/jpeg", "jpg"),
        ("PNG", "image/png", "png"),
        ("GIF", "image/gif", "gif"),
        ("WEBP", "image/webp", "webp"),
        ("AVIF", "image/avif", "avif"),
    ],
)
def test_each_format_comes_back_byte_for_byte(
    client: FlaskClient, format_: str, media_type: str, extension: str
) -> None:
    content = picture(format_, size=(40, 30))
    attributes = upload(client, content)["attributes"]
    assert attributes["media-type"] == media_type
    assert attributes["filename"] == f"upload.{extension}"
    assert attributes["url"].endswith(f".{extension}")
    answer = client.get(path_of(attributes["url"]))
    assert (answer.status_code, answer.data) == (200, content)
    assert answer.content_type == media_type


def test_a_png_declared_and_named_gif_is_stored_as_a_png(client: FlaskClient) -> None:
    body = document({"data": data_uri(picture(), "image/gif"), "filename": "x.gif"})
    response = post(client, body)
    assert response.status_code == 201
    attributes = response.json["data"]["attributes"]  # type: ignore[index]  # it has a body
    assert attributes["media-type"] == "image/png"
    assert attributes["url"].endswith(".png")
    assert attributes["filename"] == "x.gif"


def test_an_animation_counts_its_frames(client: FlaskClient) -> None:
    assert upload(client, animation(7))["attributes"]["frames"] == 7


def test_width_and_height_are_those_of_the_upright_picture(client: FlaskClient) -> None:
    quarter_turn = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    attributes = upload(client, picture("JPEG", (40, 30), exif=quarter_turn))["attributes"]
    assert (attributes["width"], attributes["height"]) == (30, 40)


@pytest.mark.parametrize(
    "spelling",
    [
        "DATA:IMAGE/PNG;BASE64,{}",
        "data:image/png;name=a.png;charset=utf-8;base64,{}",
        "data:;base64,{}",
        "data:image/png; base64,{}",
        " \n data:image/png;base64,{} \n",
    ],
)
def test_a_data_uri_may_be_spelled_as_the_standards_allow(
    client: FlaskClient, spelling: str
) -> None:
    content = picture()
    payload = data_uri(content).partition(",")[2]
    response = post(client, document({"data": spelling.format(payload)}))
    assert response.status_code == 201, response.text


def test_white_space_and_missing_padding_do_not_change_the_bytes(client: FlaskClient) -> None:
    content = noise((30, 30))
    head, _, payload = data_uri(content).partition(",")
    wrapped = "\r\n".join(payload[start : start + 76] for start in range(0, len(payload), 76))
    response = post(client, document({"data": f"{head},{wrapped.rstrip('=')}"}))
    checksum = response.json["data"]["attributes"]["checksum"]  # type: ignore[index]  # it has a body
    assert checksum == f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\stage.png", "stage.png"),
        ("a\0b\nc.png", "abc.png"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("🎤 talk.png", "🎤 talk.png"),
        ("e\u0301.png", "é.png"),
        ("x" * 10_000 + ".png", "x" * 116 + ".png"),
        ("..", "upload.png"),
        ("", "upload.png"),
        (None, "upload.png"),
    ],
)
def test_a_file_name_is_cleaned(client: FlaskClient, sent: str | None, kept: str) -> None:
    assert upload(client, picture(), filename=sent)["attributes"]["filename"] == kept


def test_what_ember_data_sends_for_a_new_record_works(client: FlaskClient) -> None:
    body = {
        "data": {
            "type": "uploads",
            "id": None,
            "lid": "@lid:uploads-1",
            "attributes": {
                "data": data_uri(picture()),
                "alt": None,
                "url": None,
                "size": 3,
                "created-at": None,
                "expires-at": None,
                "visibility": "public",
                "links": {"self": "/"},
                "meta": {},
            },
            "relationships": {},
        },
        "meta": {"client": "ember"},
    }
    response = post(client, body)
    assert response.status_code == 201, response.text
    assert response.json["data"]["attributes"]["size"] == len(picture())  # type: ignore[index]  # it has a body


def test_a_sparse_fieldset_restricts_the_answer_and_not_what_is_read(client: FlaskClient) -> None:
    body = document({"data": data_uri(picture()), "alt": "kept"})
    response = client.post(
        "/v1/uploads?fields[uploads]=url", json=body, content_type="application/vnd.api+json"
    )
    assert response.status_code == 201
    resource = response.json["data"]  # type: ignore[index]  # it has a body
    assert resource["attributes"].keys() == {"url"}
    whole = client.get(f"/v1/uploads/{resource['id']}").json
    assert whole is not None
    assert whole["data"]["attributes"]["alt"] == "kept"


def test_the_same_bytes_twice_are_two_uploads(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    first, second = upload(client, picture()), upload(client, picture())
    assert first["id"] != second["id"]
    assert first["attributes"]["url"] != second["attributes"]["url"]
    assert len(stored_files()) == 2


def test_links_start_with_the_configured_base_and_not_with_the_host_header(
    client: FlaskClient,
) -> None:
    body = document({"data": data_uri(picture())})
    response = post(client, body, headers={"Host": "evil.example"})
    assert "evil.example" not in response.text
    assert response.headers["Location"].startswith("http://127.0.0.1:8000/")
