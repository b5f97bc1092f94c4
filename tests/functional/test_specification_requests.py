"""Send the requests of the specification: its cases and the examples of its text."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.documents import COLLECTION, JSON_API, only_error, upload
from tests.images import picture
from tests.specification_requests import REQUESTS, Request

VALID = [each for each in REQUESTS if each.fault is None]
INVALID = [each for each in REQUESTS if each.fault is not None]


@pytest.fixture
def one(client: FlaskClient) -> dict[str, Any]:
    return upload(client, picture(size=(1200, 800)), filename="talk.png", alt="A stage")


def send(client: FlaskClient, one: dict[str, Any], request: Request) -> TestResponse:
    user = one["relationships"]["owner"]["data"]["id"]
    return client.open(
        request.address(one["id"]),
        method=request.method,
        data=request.body(one["id"], user),
        content_type=JSON_API,
    )


def sent_attributes(case: Request) -> dict[str, Any]:
    sent = case.document["data"].get("attributes", {})
    return {name: value for name, value in sent.items() if name[0] != "@" and name != "data"}


@pytest.mark.parametrize("case", VALID, ids=lambda case: case.name)
def test_a_valid_document_is_accepted(
    client: FlaskClient, one: dict[str, Any], case: Request
) -> None:
    response = send(client, one, case)
    assert response.status_code == case.status, response.text
    if case.status < 300:
        data: dict[str, Any] = response.json["data"]  # type: ignore[index]  # it has a body
        assert sent_attributes(case).items() <= data["attributes"].items()
        assert data["relationships"]["owner"]["data"] == one["relationships"]["owner"]["data"]
    else:
        assert only_error(response)["code"] in {"client-generated-id", "read-only-relationship"}
        assert client.get(f"{COLLECTION}/{one['id']}").json["data"] == one  # type: ignore[index]  # it has a body


@pytest.mark.parametrize("case", INVALID, ids=lambda case: case.name)
def test_an_invalid_document_is_refused_or_its_fault_ignored(
    client: FlaskClient, one: dict[str, Any], case: Request
) -> None:
    response = send(client, one, case)
    assert response.status_code == case.status, response.text
    if case.status == 400:
        assert only_error(response)["source"] == {"pointer": case.fault}
    made = case.status == 201
    assert client.get(COLLECTION).json["meta"]["count"] == 1 + made  # type: ignore[index]  # it has a body
    assert client.get(f"{COLLECTION}/{one['id']}").json["data"] == one  # type: ignore[index]  # it has a body
