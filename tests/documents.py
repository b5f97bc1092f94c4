"""Send documents as clients do, and read the answers."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

JSON_API = "application/vnd.api+json"
COLLECTION = "/v1/uploads"


def data_uri(content: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def document(attributes: Mapping[str, object], **members: object) -> dict[str, Any]:
    return {"data": {"type": "uploads", "attributes": dict(attributes), **members}}


def encode_upload(content: bytes, **attributes: object) -> bytes:
    """Return the body of a request that creates an upload."""
    return json.dumps(document({"data": data_uri(content), **attributes})).encode()


def post(client: FlaskClient, body: object, **options: Any) -> TestResponse:  # noqa: ANN401 - the client's own
    # Not the application's own encoder: it refuses some of what clients can send.
    return client.post(COLLECTION, data=json.dumps(body), content_type=JSON_API, **options)


def upload(client: FlaskClient, content: bytes, **attributes: object) -> dict[str, Any]:
    """Create an upload, and return its resource object."""
    response = post(client, document({"data": data_uri(content), **attributes}))
    assert response.status_code == 201, response.text
    resource: dict[str, Any] = response.json["data"]  # type: ignore[index]  # it has a body
    return resource


def patch(
    client: FlaskClient,
    id_: str,
    **attributes: object,
) -> TestResponse:
    body = document(attributes, id=id_)
    return client.patch(f"{COLLECTION}/{id_}", json=body, content_type=JSON_API)


def only_error(response: TestResponse) -> dict[str, Any]:
    """Return the only error of an error document, and check the shape of both."""
    assert response.mimetype == JSON_API, response.headers
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # it has a body
    assert body.keys() == {"errors", "jsonapi"}
    (error,) = body["errors"]
    assert error["status"] == str(response.status_code)
    assert error["id"] == response.headers["X-Request-Id"]
    assert error["code"]
    assert error["title"]
    return dict(error)


def path_of(url: str) -> str:
    """Return the path of one of our absolute links."""
    return url.removeprefix("http://127.0.0.1:8000")
