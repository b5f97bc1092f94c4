"""tus 1.0: a file that arrives in pieces becomes an ordinary upload."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from open_event_uploads.context import current_storage, db
from open_event_uploads.errors import DecoderUnavailable
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.resumable import complete
from open_event_uploads.uploads.resumable.model import ResumableUpload
from open_event_uploads.uploads.resumable.running_digests import DIGESTS
from tests.conftest import AppFactory
from tests.documents import JSON_API, only_error, path_of
from tests.images import noise, picture
from tests.resumable import COLLECTION, MEDIA_TYPE, VERSION, append, begin, begun, offset_of, send
from tests.stored import StoredFiles

PNG = picture()


def attributes_of(client: FlaskClient, response: TestResponse) -> dict[str, Any]:
    """Return what the upload has that an answer names."""
    found = json.loads(client.get(path_of(response.headers["Content-Location"])).data)
    return dict(found["data"]["attributes"])


def test_a_file_that_comes_in_pieces_becomes_an_upload(client: FlaskClient) -> None:
    response = send(client, PNG, step=20, filename="stage.png", alt="The stage", filetype="x/y")
    attributes = attributes_of(client, response)
    assert (attributes["filename"], attributes["alt"]) == ("stage.png", "The stage")
    assert (attributes["media-type"], attributes["status"]) == ("image/png", "ready")
    assert client.get(path_of(attributes["url"])).data == PNG


@pytest.mark.parametrize("known", [range(99), [0], [1], [0, 2]], ids=str)
def test_its_checksum_is_right_whichever_processes_have_received_it(
    client: FlaskClient, known: Sequence[int]
) -> None:
    path = begun(client, len(PNG))
    for number, offset in enumerate(range(0, len(PNG), 30)):
        if number not in known:
            # Another process has received the bytes before.
            DIGESTS.take(path.rpartition("/")[2], offset)
        response = append(client, path, offset, PNG[offset : offset + 30])
    attributes = attributes_of(client, response)
    assert attributes["checksum"] == f"sha256:{hashlib.sha256(PNG).hexdigest()}"


def test_its_checksum_is_right_though_a_request_failed(client: FlaskClient) -> None:
    path = begun(client, len(PNG))
    assert append(client, path, 0, PNG[:30]).status_code == 204
    wrong = b64encode(hashlib.sha256(b"else").digest()).decode()
    refused = append(client, path, 30, b"x" * 9, {"Upload-Checksum": f"sha256 {wrong}"})
    assert refused.status_code == 460
    assert append(client, path, 30, PNG[30:50]).status_code == 204
    attributes = attributes_of(client, append(client, path, 50, PNG[50:]))
    assert attributes["checksum"] == f"sha256:{hashlib.sha256(PNG).hexdigest()}"


def test_each_answer_says_how_much_has_been_received(client: FlaskClient) -> None:
    response = begin(client, len(PNG))
    assert (response.status_code, response.headers["Upload-Offset"]) == (201, "0")
    path = path_of(response.headers["Location"])
    assert append(client, path, 0, PNG[:10]).headers["Upload-Offset"] == "10"
    assert offset_of(client, path) == 10


def test_the_document_of_the_upload_is_the_answer_for_who_asks_for_json_api(
    client: FlaskClient,
) -> None:
    path = begun(client, len(PNG))
    response = append(client, path, 0, PNG, {"Accept": JSON_API})
    assert response.status_code == 200
    data = json.loads(response.data)["data"]
    assert data["type"] == "uploads"
    assert response.headers["Content-Location"] == data["links"]["self"]
    assert response.headers["Upload-Offset"] == str(len(PNG))


def test_a_query_that_no_document_can_answer_is_refused_before_bytes_are_taken(
    client: FlaskClient,
) -> None:
    path = begun(client, len(PNG))
    wrong = append(client, f"{path}?include=nothing", 0, PNG, {"Accept": JSON_API})
    assert (wrong.status_code, only_error(wrong)["source"]) == (400, {"parameter": "include"})
    assert offset_of(client, path) == 0
    response = append(client, f"{path}?include=owner", 0, PNG, {"Accept": JSON_API})
    assert [each["type"] for each in response.json["included"]] == ["users"]  # type: ignore[index]  # it has a body


def test_a_finished_upload_tells_a_client_that_lost_the_answer_where_it_is(
    client: FlaskClient,
) -> None:
    response = send(client, PNG)
    again = client.head(response.request.path, headers=VERSION)
    assert again.headers["Upload-Offset"] == again.headers["Upload-Length"] == str(len(PNG))
    assert again.headers["Content-Location"] == response.headers["Content-Location"]


def test_a_finished_upload_is_not_found_once_what_it_became_is_deleted(client: FlaskClient) -> None:
    response = send(client, PNG)
    path = response.request.path
    assert client.delete(path_of(response.headers["Content-Location"])).status_code == 204
    # 404 makes clients send the file again.
    assert client.head(path, headers=VERSION).status_code == 404
    assert append(client, path, len(PNG), b"").status_code == 404


def test_a_lease_that_cannot_be_is_refused_before_any_bytes_come(client: FlaskClient) -> None:
    error = only_error(begin(client, len(PNG), expires_at="2000-01-01T00:00:00Z"))
    assert (error["status"], error["meta"]["attribute"]) == ("422", "expires-at")


def test_bytes_may_come_with_the_request_that_begins_the_upload(client: FlaskClient) -> None:
    response = client.post(
        COLLECTION,
        data=PNG,
        content_type=MEDIA_TYPE,
        headers={**VERSION, "Upload-Length": str(len(PNG))},
    )
    assert response.status_code == 201, response.text
    assert response.headers["Upload-Offset"] == str(len(PNG))
    assert client.get(path_of(response.headers["Content-Location"])).status_code == 200


def test_the_length_may_come_later(client: FlaskClient) -> None:
    path = begun(client, None)
    assert client.head(path, headers=VERSION).headers["Upload-Defer-Length"] == "1"
    append(client, path, 0, PNG[:10])
    response = append(client, path, 10, PNG[10:], {"Upload-Length": str(len(PNG))})
    assert response.status_code == 204, response.text
    assert "Content-Location" in response.headers


def test_the_length_may_come_after_the_last_byte(client: FlaskClient) -> None:
    path = begun(client, None)
    append(client, path, 0, PNG)
    response = append(client, path, len(PNG), b"", {"Upload-Length": str(len(PNG))})
    assert response.status_code == 204, response.text
    assert "Content-Location" in response.headers


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_bytes_with_another_checksum_do_not_count(client: FlaskClient, algorithm: str) -> None:
    path = begun(client, len(PNG))
    digest = hashlib.new(algorithm, PNG[:10]).digest()
    checksum = {"Upload-Checksum": f"{algorithm} {b64encode(digest).decode()}"}
    response = append(client, path, 0, PNG[:9] + b"?", checksum)
    assert (response.status_code, only_error(response)["code"]) == (460, "checksum-mismatch")
    assert offset_of(client, path) == 0
    assert append(client, path, 0, PNG[:10], checksum).status_code == 204


def test_nobody_waits_for_a_request_that_has_failed(client: FlaskClient) -> None:
    path = begun(client, len(PNG))
    of_nothing = b64encode(hashlib.sha1(b"").digest()).decode()  # noqa: S324 - tus has it
    append(client, path, 0, PNG[:10], {"Upload-Checksum": f"sha1 {of_nothing}"})
    with client.application.app_context():
        (row,) = db.session.scalars(select(ResumableUpload))
        assert (row.fencing_token, row.has_writer) == (1, False)


def test_a_refused_file_leaves_nothing(client: FlaskClient) -> None:
    path = begun(client, 9)
    response = append(client, path, 0, b"no image!")
    assert (response.status_code, only_error(response)["code"]) == (422, "unsupported-file-type")
    assert client.head(path, headers=VERSION).status_code == 404


def test_parts_that_came_side_by_side_become_one_upload(client: FlaskClient) -> None:
    parts = []
    for content in (PNG[:20], PNG[20:]):
        response = begin(client, len(content), {"Upload-Concat": "partial"})
        path = path_of(response.headers["Location"])
        answer = append(client, path, 0, content)
        assert "Content-Location" not in answer.headers
        parts.append(response.headers["Location"])
    final = client.post(
        COLLECTION, headers={**VERSION, "Upload-Concat": f"final;{' '.join(parts)}"}
    )
    assert final.status_code == 201, final.text
    assert client.get(path_of(attributes_of(client, final)["url"])).data == PNG
    state = client.head(path_of(final.headers["Location"]), headers=VERSION).headers
    assert state["Upload-Concat"].startswith("final;")
    assert state["Upload-Length"] == state["Upload-Offset"] == str(len(PNG))
    # Whoever lost that answer asks again, and may look at the parts first.
    for each in parts:
        part = client.head(path_of(each), headers=VERSION).headers
        assert part["Content-Location"] == final.headers["Content-Location"]
    again = client.post(
        COLLECTION, headers={**VERSION, "Upload-Concat": f"final;{' '.join(parts)}"}
    )
    assert again.status_code == 201, again.text
    for name in ("Location", "Content-Location", "Upload-Offset"):
        assert again.headers[name] == final.headers[name]


def test_options_say_what_is_offered(client: FlaskClient) -> None:
    response = client.options(COLLECTION)
    assert response.status_code == 204
    assert response.headers["Tus-Version"] == "1.0.0"
    assert "concatenation" in response.headers["Tus-Extension"].split(",")
    assert int(response.headers["Tus-Max-Size"]) > 0
    assert response.headers["Tus-Checksum-Algorithm"] == "sha256,sha1"


def test_another_version_is_refused(client: FlaskClient) -> None:
    response = client.post(COLLECTION, headers={"Tus-Resumable": "0.2.2", "Upload-Length": "1"})
    assert (response.status_code, only_error(response)["code"]) == (412, "unsupported-tus-version")
    assert response.headers["Tus-Version"] == "1.0.0"
    assert response.headers["Tus-Resumable"] == "1.0.0"


def test_a_post_may_stand_for_another_method(client: FlaskClient) -> None:
    path = begun(client, len(PNG))
    response = client.post(
        path,
        data=PNG[:10],
        content_type=MEDIA_TYPE,
        headers={**VERSION, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"},
    )
    assert (response.status_code, response.headers["Upload-Offset"]) == (204, "10")
    assert "Content-Location" not in response.headers


def test_the_last_byte_may_come_as_often_as_no_upload_can_be_made(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, most = begun(client, len(PNG)), len(PNG) - 1
    append(client, path, 0, PNG[:most])

    def fail(**_: object) -> None:
        raise DecoderUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(complete, "create_upload", fail)
        for _ in range(3):
            assert append(client, path, most, PNG[most:]).status_code == 503
            assert offset_of(client, path) == most
    made = append(client, path, most, PNG[most:])
    upload = client.get(path_of(made.headers["Content-Location"])).json["data"]  # type: ignore[index]  # it has a body
    assert client.get(path_of(upload["attributes"]["url"])).data == PNG


def test_an_upload_whose_bytes_were_lost_begins_again(
    client: FlaskClient, stored_files: StoredFiles
) -> None:
    path = begun(client, len(PNG))
    append(client, path, 0, PNG[:10])
    (piece,) = stored_files()
    piece.write_bytes(PNG[:5])
    assert append(client, path, 10, PNG[10:]).status_code == 404
    assert client.head(path, headers=VERSION).status_code == 404
    assert not stored_files()


def test_bytes_that_come_one_by_one_are_few_objects_in_the_end(make_app: AppFactory) -> None:
    app = make_app(storage_url="memory:", secret_key="s" * 32, metadata="keep")
    client = app.test_client()
    content = noise((1800, 1200), 95)
    path, single = begun(client, len(content)), 300
    for offset in range(single):
        append(client, path, offset, content[offset : offset + 1])
    assert len(list(storage_of(app).objects())) == 1
    middle = len(content) - 300_000
    append(client, path, single, content[single:middle])
    append(client, path, middle, content[middle : middle + 280_000])
    response = append(client, path, middle + 280_000, content[middle + 280_000 :])
    assert client.get(path_of(attributes_of(client, response)["url"])).data == content
    assert len(list(storage_of(app).objects())) == 1


def storage_of(app: Flask) -> Storage:
    """Return where an application stores bytes."""
    with app.app_context():
        return current_storage()
