"""The two endpoints of the Open Event Server."""

from typing import Any

from open_event_uploads.openapi.attributes import ONE_PIXEL
from open_event_uploads.openapi.resource_route import Operation
from open_event_uploads.openapi.responses import errors

_FILE = {"type": "string", "format": "binary"}


def open_event_image() -> Operation:
    """Describe the endpoint that stores a data URI."""
    data = {"type": "object", "properties": {"data": {"type": "string"}}, "required": ["data"]}
    body = {"schema": data, "example": {"data": ONE_PIXEL}}
    return {
        "tags": ["open event"],
        "operationId": "openEventImage",
        "summary": "Upload an image, as to the Open Event Server",
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {"200": _url({"type": "string", "format": "uri"}), **_ERRORS},
    }


def open_event_files() -> Operation:
    """Describe the endpoint that stores the files of a form."""
    form = {
        "type": "object",
        "properties": {"file": _FILE, "files[]": {"type": "array", "items": _FILE}},
    }
    one = {"type": "string", "format": "uri"}
    return {
        "tags": ["open event"],
        "operationId": "openEventFiles",
        "summary": "Upload one file or several, as to the Open Event Server",
        "description": (
            "`file` is answered with one URL, `files[]` with a list; all are stored or none. "
            "Besides images, the other files that the settings allow."
        ),
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {"200": _url({"oneOf": [one, {"type": "array", "items": one}]}), **_ERRORS},
    }


_ERRORS = errors(400, 403, 411, 413, 415, 422, 429, 503, 507)


def _url(schema: dict[str, Any]) -> dict[str, Any]:
    found = {"type": "object", "properties": {"url": schema}, "required": ["url"]}
    return {
        "description": "The URL of the bytes.",
        "headers": {"X-Request-Id": "X-Request-Id"},
        "content": {"application/json": {"schema": found}},
    }
