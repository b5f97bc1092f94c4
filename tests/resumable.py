"""Send uploads by tus 1.0, as a client of the test application."""

from base64 import b64encode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.documents import path_of

COLLECTION = "/v1/uploads/resumable"
MEDIA_TYPE = "application/offset+octet-stream"
VERSION = {"Tus-Resumable": "1.0.0"}


def metadata(**texts: str) -> str:
    """Return a value of Upload-Metadata; underscores in keys are dashes."""
    pairs = {key.replace("_", "-"): text for key, text in texts.items()}
    return ",".join(f"{key} {b64encode(text.encode()).decode()}" for key, text in pairs.items())


def begin(
    client: FlaskClient, length: int | None, headers: dict[str, str] | None = None, **texts: str
) -> TestResponse:
    """Begin an upload; with no length, it is deferred."""
    size = {"Upload-Defer-Length": "1"} if length is None else {"Upload-Length": str(length)}
    described = {"Upload-Metadata": metadata(**texts)} if texts else {}
    return client.post(COLLECTION, headers={**VERSION, **size, **described, **(headers or {})})


def begun(client: FlaskClient, length: int | None, **texts: str) -> str:
    """Begin an upload, and return its path."""
    response = begin(client, length, None, **texts)
    assert response.status_code == 201, response.text
    return path_of(response.headers["Location"])


def append(
    client: FlaskClient,
    path: str,
    offset: int,
    content: bytes,
    headers: dict[str, str] | None = None,
) -> TestResponse:
    """Send bytes of an upload."""
    sent = {**VERSION, "Upload-Offset": str(offset), **(headers or {})}
    return client.patch(path, data=content, content_type=MEDIA_TYPE, headers=sent)


def offset_of(client: FlaskClient, path: str) -> int:
    """Return how much has been received of an upload."""
    response = client.head(path, headers=VERSION)
    assert response.status_code == 204, response.status_code
    return int(response.headers["Upload-Offset"])


def send(client: FlaskClient, content: bytes, *, step: int = 1000, **texts: str) -> TestResponse:
    """Send an upload in steps, and return the last answer."""
    path = begun(client, len(content), **texts)
    for offset in range(0, len(content) - step, step):
        response = append(client, path, offset, content[offset : offset + step])
        assert response.status_code == 204, response.text
        assert "Content-Location" not in response.headers
    last = (len(content) - 1) // step * step
    return append(client, path, last, content[last:])
