"""The two endpoints of the Open Event Server."""

from typing import Any

from open_event_uploads.openapi.attributes import ONE_PIXEL
from open_event_uploads.openapi.components import object_schema
from open_event_uploads.openapi.resource_route import Operation
from open_event_uploads.openapi.responses import errors, json_response

_FILE = {"type": "string", "format": "binary"}
_LINK = {"type": "string", "format": "uri"}
_ERRORS = errors(400, 403, 411, 413, 415, 422, 429, 503, 507)


def open_event_image() -> Operation:
    """Describe the endpoint that stores a data URI."""
    data = object_schema(["data"], data={"type": "string"})
    body = {"schema": data, "example": {"data": ONE_PIXEL}}
    return {
        "tags": ["open event"],
        "operationId": "openEventImage",
        "summary": "Upload an image, as to the Open Event Server",
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {"200": _url(_LINK), **_ERRORS},
    }


def open_event_files() -> Operation:
    """Describe the endpoint that stores the files of a form."""
    form = object_schema([], **{"file": _FILE, "files[]": {"type": "array", "items": _FILE}})
    urls = {"oneOf": [_LINK, {"type": "array", "items": _LINK}]}
    return {
        "tags": ["open event"],
        "operationId": "openEventFiles",
        "summary": "Upload one file or several, as to the Open Event Server",
        "description": (
            "`file` is answered with one URL, `files[]` with a list; all are stored or none. "
            "Besides images, the other files that the settings allow."
        ),
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {
            "200": _url(urls),
            **_ERRORS,
        },
    }


def _url(schema: dict[str, Any]) -> dict[str, Any]:
    return json_response("The URL of the bytes.", object_schema(["url"], url=schema))
