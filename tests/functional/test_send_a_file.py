"""Three ways to send a file; one result."""

import hashlib
import os
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.conftest import AppFactory
from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, path_of, post
from tests.documents import upload as by_document
from tests.images import noise, picture
from tests.stored import StoredFiles

NAME = "main stage.png"
OURS = ("id", "url", "created-at", "updated-at")


FORM = 'multipart/form-data; boundary="b"'


def part(name: str, content: bytes, extra: str = "") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
    return head.encode() + content + b"\r\n"


END = b"--b--\r\n"


def send_form(client: FlaskClient, body: bytes, content_type: str = FORM) -> TestResponse:
    return client.post(COLLECTION, data=body, content_type=content_type)


def by_form(client: FlaskClient, content: bytes, **texts: str) -> TestResponse:
    parts = [part(name, text.encode()) for name, text in texts.items()]
    parts.append(part("file", content, f'; filename="{NAME}"'))
    return send_form(client, b"".join(parts) + END)


def by_body(client: FlaskClient, content: bytes, media_type: str = "image/png") -> TestResponse:
    headers = {"Content-Disposition": f'file; filename="{NAME}"'}
    return client.post(
        COLLECTION,
        data=content,
        content_type=media_type,
        headers=headers,
        # The test client sends no length with nothing.
        environ_overrides={"CONTENT_LENGTH": str(len(content))},
    )


def by_data_uri(client: FlaskClient, content: bytes) -> TestResponse:
    return post(client, document({"data": data_uri(content), "filename": NAME}))


WAYS = [by_data_uri, by_form, by_body]
every_way = pytest.mark.parametrize("send", WAYS, ids=lambda way: way.__name__)
Way = Callable[[FlaskClient, bytes], TestResponse]


def shape(response: TestResponse) -> dict[str, Any]:
    """A 201 without what differs from one upload to the next."""
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # it has a body
    id_ = body["data"]["id"]
    text = response.text.replace(id_, "{id}")
    assert response.headers["Location"].endswith(f"{COLLECTION}/{id_}")
    attributes = body["data"]["attributes"]
    for name in ("url", "created-at", "updated-at"):
        text = text.replace(attributes[name], f"{{{name}}}")
    return {"text": text, "type": response.content_type}


def test_all_ways_have_the_same_answer(client: FlaskClient) -> None:
    content = picture(size=(40, 30))
    first, *others = (shape(way(client, content)) for way in WAYS)
    assert all(other == first for other in others)


@every_way
def test_the_bytes_come_back_as_they_were(client: FlaskClient, send: Way) -> None:
    for content in (picture(), noise((2000, 1500), quality=95)):  # in memory, and on disk
        body: dict[str, Any] = send(client, content).json  # type: ignore[assignment]  # it has a body
        attributes = body["data"]["attributes"]
        assert client.get(path_of(attributes["url"])).data == content
        assert (attributes["size"], attributes["filename"].split(".")[0]) == (
            len(content),
            "main stage",
        )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"<svg onload=alert(1)>", "unsupported-file-type"),
        (picture("PNG", (60, 60))[:-30], "corrupt-image"),
        ((picture() * 2000)[:120_000], "file-too-large"),
    ],
    ids=["empty", "no image", "cut", "large"],
)
def test_all_ways_have_the_same_errors(
    make_app: AppFactory, content: bytes, code: str, stored_files: StoredFiles
) -> None:
    client = make_app(max_bytes=100_000).test_client()
    found = []
    for way in WAYS:
        error = only_error(way(client, content))
        assert error["meta"]["attribute"] == "data"
        assert error["meta"]["message"] == error["detail"]
        found.append((error["status"], error["code"], error["title"], error["meta"].get("limit")))
    assert set(found) == {("422", code, found[0][2], 100_000 if "large" in code else None)}
    assert stored_files() == []


@pytest.mark.parametrize("send", [by_form, by_body], ids=lambda way: way.__name__)
def test_a_body_that_is_far_too_long_is_not_read(make_app: AppFactory, send: Way) -> None:
    client = make_app(max_bytes=1000).test_client()
    error = only_error(send(client, b"x" * 100_000))
    assert (error["status"], error["code"]) == ("413", "request-too-large")


def test_texts_stand_beside_the_file(client: FlaskClient) -> None:
    response = by_form(client, picture(), alt="The main stage", filename="a/b\\c.png", other="x")
    attributes = response.json["data"]["attributes"]  # type: ignore[index]  # it has a body
    assert (attributes["alt"], attributes["filename"]) == ("The main stage", "c.png")


def test_a_query_shapes_the_answer_in_every_way(client: FlaskClient) -> None:
    query = "?include=variants&fields[uploads]=alt,variants"
    for content_type in ("image/png", "application/octet-stream"):
        body: dict[str, Any] = client.post(  # type: ignore[assignment]  # it has a body
            f"{COLLECTION}{query}", data=picture(), content_type=content_type
        ).json
        assert body["data"]["attributes"] == {"alt": ""}
        assert body["included"]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('file; filename="talk.png"', "talk.png"),
        ("file; filename=talk.png", "talk.png"),
        ("file; filename*=UTF-8''b%C3%BChne.png", "bühne.png"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('file; filename="b\u00c3\u00bchne.png"', "bühne.png"),
        ("file", "upload.png"),
        ("", "upload.png"),
        (";;;===", "upload.png"),
        ('file; filename="unfinished', "upload.png"),
    ],
)
def test_the_name_stands_in_a_header(client: FlaskClient, header: str, name: str) -> None:
    headers = {"Content-Disposition": header}
    response = client.post(COLLECTION, data=picture(), content_type="image/png", headers=headers)
    assert response.json["data"]["attributes"]["filename"] == name  # type: ignore[index]  # it has a body


def test_the_bytes_decide_and_not_the_media_type(client: FlaskClient) -> None:
    response = by_body(client, picture("GIF"), "image/jpeg")
    assert response.json["data"]["attributes"]["media-type"] == "image/gif"  # type: ignore[index]  # it has a body


# --- Forms that are none ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"nonsense", 400),
        (b"--b", 400),
        (END, 422),
        (part("other", b"x") + END, 422),
        (part("file", picture()), 400),
        (part("file", picture())[:-9], 400),
        (b"--b\r\n\r\n" + picture() + b"\r\n" + END, 400),
        (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END, 422),
        (b"--b\r\n" + b"x" * 900_000 + END, 400),
        (part("a", b"x") * 21 + END, 400),
        (part("alt", b"\xff") + part("file", picture()) + END, 422),
        (part("alt", b"x" * 20_000) + part("file", picture()) + END, 422),
        (part("alt", b"x" * 2_001) + part("file", picture()) + END, 422),
        (part("file", picture()) + END + b"x" * 900_000, 400),
    ],
)
def test_a_form_that_cannot_be_understood(
    client: FlaskClient,
    body: bytes,
    status: int,
    stored_files: StoredFiles,
) -> None:
    response = send_form(client, body)
    assert response.status_code == status, response.text
    assert only_error(response)["status"] == str(status)
    assert stored_files() == []


@pytest.mark.parametrize("parameter", ["", "; boundary=", "; boundary=" + "b" * 71])
def test_a_form_without_a_boundary(client: FlaskClient, parameter: str) -> None:
    response = send_form(client, part("file", picture()) + END, f"multipart/form-data{parameter}")
    assert only_error(response)["source"] == {"header": "Content-Type"}


def test_a_file_needs_no_name_and_the_first_one_counts(client: FlaskClient) -> None:
    body = part("file", picture("PNG")) + part("file", picture("GIF"), '; filename="b.gif"') + END
    response = send_form(client, body)
    attributes = response.json["data"]["attributes"]  # type: ignore[index]  # it has a body
    assert (attributes["filename"], attributes["media-type"]) == ("upload.png", "image/png")


@given(st.binary(max_size=300), st.integers(0, 200), st.integers(0, 200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_form_is_taken_or_refused(
    client: FlaskClient, noise: bytes, start: int, length: int
) -> None:
    whole = part("alt", b"x") + part("file", b"no picture", '; filename="a.png"') + END
    body = whole[:start] + noise + whole[start + length :]
    assert send_form(client, body).status_code in {400, 422}


# --- Replacing --------------------------------------------------------------------------------


def put(client: FlaskClient, id_: str, content: bytes, **options: Any) -> TestResponse:  # noqa: ANN401 - the client's own
    options = {"content_type": "image/png", **options}
    return client.put(f"{COLLECTION}/{id_}/content", data=content, **options)


def test_the_content_is_replaced(client: FlaskClient, stored_files: StoredFiles) -> None:
    one = by_document(client, picture(), alt="x", filename="a.png")
    response = put(client, one["id"], picture("GIF", (5, 5)))
    assert response.status_code == 200, response.text
    changed = response.json["data"]  # type: ignore[index]  # it has a body
    assert changed == client.get(f"{COLLECTION}/{one['id']}").json["data"]  # type: ignore[index]  # it has a body
    attributes = changed["attributes"]
    assert (attributes["alt"], attributes["filename"]) == ("x", "a.png")
    assert (attributes["media-type"], attributes["width"]) == ("image/gif", 5)
    assert attributes["url"] != one["attributes"]["url"]
    assert client.get(path_of(one["attributes"]["url"])).status_code == 404
    assert len(stored_files()) == 1


def test_the_same_content_again_is_no_change(client: FlaskClient) -> None:
    one = by_document(client, picture(), filename=NAME)
    response = put(client, one["id"], picture())
    assert response.json["data"] == one  # type: ignore[index]  # it has a body


def test_the_content_is_replaced_only_in_the_version_that_is_meant(client: FlaskClient) -> None:
    one = by_document(client, picture())
    tag = client.get(f"{COLLECTION}/{one['id']}").headers["ETag"]
    assert put(client, one["id"], picture("GIF"), headers={"If-Match": '"9-x"'}).status_code == 412
    assert put(client, one["id"], picture("GIF"), headers={"If-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("content_type", "status"),
    [(JSON_API, 415), ("application/json", 415), (FORM, 415), ("", 415), ("text/html", 415)],
)
def test_content_is_a_file_and_nothing_else(
    client: FlaskClient, content_type: str, status: int
) -> None:
    one = by_document(client, picture())
    assert put(client, one["id"], picture(), content_type=content_type).status_code == status


PARTS = [
    {"Upload-Complete": "?0"},
    {"Upload-Complete": " ?0;x=1"},
    {"Content-Range": "bytes 0-68/1000"},
    {"Content-Range": "bytes 0-68/*"},
]


@pytest.mark.parametrize("header", PARTS)
def test_a_part_is_never_taken_for_the_whole(
    client: FlaskClient, stored_files: StoredFiles, header: dict[str, str]
) -> None:
    # What comes of an animation cut short may be one.
    one = by_document(client, picture())
    stored = stored_files()
    form = part("file", picture("GIF"), '; filename="a.gif"') + END
    raw = client.post(COLLECTION, data=picture("GIF"), content_type="image/gif", headers=header)
    for response in (
        raw,
        client.post(COLLECTION, data=form, content_type=FORM, headers=header),
        put(client, one["id"], picture("GIF"), headers=header),
    ):
        assert (response.status_code, only_error(response)["code"]) == (400, "invalid-request")
        assert only_error(response)["source"] == {"header": next(iter(header))}
    assert stored_files() == stored


@pytest.mark.parametrize("value", ["?1", "0", "false", "?0, ?0", ""])
def test_a_whole_file_may_say_so(client: FlaskClient, value: str) -> None:
    headers = {"Upload-Complete": value}
    response = client.post(COLLECTION, data=picture(), content_type="image/png", headers=headers)
    assert response.status_code == 201, response.text


def digest_of(content: bytes, name: str = "sha-256") -> str:
    digest = hashlib.new(name.replace("-", ""), content).digest()
    return f"{name}=:{b64encode(digest).decode()}:"


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        ("Content-Digest", (400, "digest-mismatch")),
        ("Repr-Digest", (422, "representation-mismatch")),
    ],
)
@pytest.mark.parametrize("algorithm", ["sha-256", "sha-512"])
def test_a_file_that_was_damaged_on_its_way_is_refused(
    client: FlaskClient,
    stored_files: StoredFiles,
    algorithm: str,
    field: str,
    answer: tuple[int, str],
) -> None:
    one = by_document(client, picture())
    stored = stored_files()
    headers = {field: f"md5=:YQ==:, {digest_of(picture('GIF', (6, 6)), algorithm)}"}
    raw = client.post(COLLECTION, data=picture("GIF"), content_type="image/gif", headers=headers)
    for response in (raw, put(client, one["id"], picture("GIF"), headers=headers)):
        assert (response.status_code, only_error(response)["code"]) == answer
    assert stored_files() == stored
    right = {field: digest_of(picture("GIF"), algorithm)}
    assert put(client, one["id"], picture("GIF"), headers=right).status_code == 200


@pytest.mark.parametrize(
    "digest", ["sha-256=YQ==", "sha-256", "sha-256=:YQ==:,", "crc32c=:YQ==:", "", "sha-256=:*:"]
)
def test_a_digest_that_cannot_be_read_is_ignored(client: FlaskClient, digest: str) -> None:
    one = by_document(client, picture())
    headers = {"Content-Digest": digest, "Repr-Digest": digest}
    assert put(client, one["id"], picture("GIF"), headers=headers).status_code == 200


def test_the_strongest_digest_counts(client: FlaskClient) -> None:
    one = by_document(client, picture())
    both = f"{digest_of(b'', 'sha-256')}, {digest_of(picture('GIF'), 'sha-512')}"
    assert put(client, one["id"], picture("GIF"), headers={"Repr-Digest": both}).status_code == 200


def test_the_content_of_nothing(client: FlaskClient) -> None:
    response = put(client, "3f0e6d0e-0f3b-4d39-9d0e-1f4f6f0f9a11", picture())
    assert response.status_code == 404


@pytest.mark.default_stack("a bucket keeps no files")
def test_a_long_file_in_a_form_is_written_once(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, stored_files: StoredFiles
) -> None:
    content = noise((1400, 1400), quality=98)
    assert len(content) > 1024 * 1024
    linked = []
    link = os.link

    def recorded(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 - of `os.link`
        link(*arguments, **options)
        linked.append(Path(arguments[1]).stat().st_ino)

    monkeypatch.setattr(os, "link", recorded)
    assert by_form(client, content).status_code == 201
    (file,) = stored_files()
    assert isinstance(file, Path)
    assert linked == [file.stat().st_ino]
    assert file.read_bytes() == content
