"""How a body must come, and what every error looks like."""

import io
import json

import pytest
from flask.testing import FlaskClient

from open_event_uploads.uploads.endpoints import UploadList
from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, post, upload
from tests.images import picture


@pytest.mark.parametrize(
    ("environ", "status", "code"),
    [
        ({}, 411, "length-required"),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411, "length-required"),
        ({"CONTENT_LENGTH": "10", "HTTP_TRANSFER_ENCODING": "chunked"}, 411, "length-required"),
        ({"CONTENT_LENGTH": "20"}, 400, "body-length-mismatch"),
        ({"CONTENT_LENGTH": "5", "wsgi.input_terminated": True}, 400, "body-length-mismatch"),
        ({"CONTENT_LENGTH": "-1"}, 400, "invalid-request"),
        ({"CONTENT_LENGTH": "0"}, 400, "invalid-json"),
        ({"CONTENT_LENGTH": "99999999999999999999999"}, 413, "request-too-large"),
        (
            {"CONTENT_LENGTH": "10", "HTTP_CONTENT_ENCODING": "gzip"},
            415,
            "unsupported-content-encoding",
        ),
    ],
)
def test_a_body_must_be_as_long_as_it_says(
    client: FlaskClient, environ: dict[str, object], status: int, code: str
) -> None:
    response = client.open(
        COLLECTION,
        method="POST",
        content_type=JSON_API,
        environ_overrides={"wsgi.input": io.BytesIO(b'{"data":{}'), **environ},
    )
    assert response.status_code == status, response.text
    assert only_error(response)["code"] == code


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "text/plain",
        f"{JSON_API};charset=utf-8",
        f'{JSON_API};ext="x"',
        "x" * 5000,
    ],
)
def test_another_content_type_is_415(client: FlaskClient, content_type: str) -> None:
    response = client.post(COLLECTION, data=b"{}", headers={"Content-Type": content_type})
    assert response.status_code == 415
    assert only_error(response)["source"] == {"header": "Content-Type"}


@pytest.mark.parametrize("extra", ['"data": {"type": "uploads"}', '"errors": []'])
def test_a_document_has_one_root(client: FlaskClient, extra: str) -> None:
    whole = json.dumps(document({"data": data_uri(picture("PNG"))}))
    body = f"{whole[:-1]}, {extra}}}"
    assert client.post(COLLECTION, data=body, content_type=JSON_API).status_code == 400
    assert client.post(COLLECTION, data=whole, content_type=JSON_API).status_code == 201


def test_a_profile_is_allowed(client: FlaskClient) -> None:
    body = document({"data": data_uri(picture())})
    response = client.post(COLLECTION, json=body, content_type=f'{JSON_API};profile="http://a/b"')
    assert response.status_code == 201


def test_an_unknown_address_and_method(client: FlaskClient) -> None:
    assert only_error(client.get("/nothing"))["code"] == "not-found"
    assert only_error(client.get("/v1//uploads"))["code"] == "not-found"
    response = client.put(COLLECTION)
    assert only_error(response)["code"] == "method-not-allowed"
    assert {"GET", "POST"} <= set(response.headers["Allow"].split(", "))
    assert client.options(COLLECTION).status_code == 204


def test_a_refusal_is_one_line_in_the_log(log: io.StringIO, client: FlaskClient) -> None:
    post(client, document({"data": "data:image/png;base64,QUJD" + "x\n" * 50}))
    (line,) = log.getvalue().splitlines()
    assert "code='unsupported-file-type'" in line
    assert "QUJD" not in line


def test_a_bug_shows_the_client_an_id_that_the_log_has_too(
    log: io.StringIO, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*_: object) -> None:
        raise ValueError("the secret is opensesame")

    monkeypatch.setattr(UploadList, "create_object", bug)
    response = post(client, document({"data": data_uri(picture())}))
    assert response.status_code == 500
    error = only_error(response)
    assert error["code"] == "internal-error"
    assert "opensesame" not in response.text
    assert error["id"] in log.getvalue()
    assert "the secret is opensesame" in log.getvalue()


def test_every_answer_says_nosniff(client: FlaskClient) -> None:
    id_ = upload(client, picture())["id"]
    for response in (
        client.get(COLLECTION),
        client.get("/nothing"),
        client.delete(f"{COLLECTION}/{id_}"),
    ):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
