"""The two endpoints of the Open Event Server."""

from typing import Any

from open_event_uploads.openapi.attributes import ONE_PIXEL
from open_event_uploads.openapi.responses import errors
from open_event_uploads.openapi.subject import Operation

_FILE = {"type": "string", "format": "binary"}


def open_event_image() -> Operation:
    """A data URI for an address."""
    data = {"type": "object", "properties": {"data": {"type": "string"}}, "required": ["data"]}
    body = {"schema": data, "example": {"data": ONE_PIXEL}}
    return {
        "tags": ["open event"],
        "operationId": "openEventImage",
        "summary": "Upload an image, as the Open Event Server takes it",
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {"200": _url({"type": "string", "format": "uri"}), **_ERRORS},
    }


def open_event_files() -> Operation:
    """Files for addresses."""
    form = {
        "type": "object",
        "properties": {"file": _FILE, "files[]": {"type": "array", "items": _FILE}},
    }
    one = {"type": "string", "format": "uri"}
    return {
        "tags": ["open event"],
        "operationId": "openEventFiles",
        "summary": "Upload a file or several, as the Open Event Server takes them",
        "description": (
            "`file` gives one address; `files[]` a list of them, all or none. Beside images, "
            "whatever other files the settings allow."
        ),
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {"200": _url({"oneOf": [one, {"type": "array", "items": one}]}), **_ERRORS},
    }


_ERRORS = errors(400, 403, 411, 413, 415, 422, 429, 503, 507)


def _url(schema: dict[str, Any]) -> dict[str, Any]:
    found = {"type": "object", "properties": {"url": schema}, "required": ["url"]}
    return {
        "description": "Where the bytes are.",
        "headers": {"X-Request-Id": "X-Request-Id"},
        "content": {"application/json": {"schema": found}},
    }
