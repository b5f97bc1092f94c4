"""Describe what the draft of the IETF adds to the addresses of resumable uploads."""

from typing import Any

from open_event_uploads.openapi.parameters import header
from open_event_uploads.openapi.resource_route import Operation
from open_event_uploads.openapi.responses import errors
from open_event_uploads.uploads.resumable import draft

_COMPLETE = header("Upload-Complete", "Of the draft: whether the file ends with this body.", "?1")
_FIELDS = ("Upload-Complete", "Upload-Limit")


def with_draft(operations: dict[str, Operation]) -> dict[str, Operation]:
    """Return the operations of an address, by method, as a client of either protocol sends them."""
    return {method: _with_draft(method, each) for method, each in operations.items()}


def _with_draft(method: str, operation: Operation) -> Operation:
    found = {**operation, "responses": _responses(operation["responses"])}
    parameters = [_optional(each) for each in operation.get("parameters", [])]
    if "requestBody" in operation:
        parameters.append(_COMPLETE)
        body = operation["requestBody"]
        found["requestBody"] = {**body, "content": {**body["content"], draft.MEDIA_TYPE: {}}}
    if method == "PATCH":
        found["responses"] |= errors(410)
    return {**found, "parameters": parameters} if parameters else found


def _optional(parameter: Any) -> Any:  # noqa: ANN401 - a component's name, or a parameter
    is_version = isinstance(parameter, dict) and parameter["name"] == "Tus-Resumable"
    return {**parameter, "required": False} if is_version else parameter


def _responses(responses: dict[str, Any]) -> dict[str, Any]:
    return {
        status: {**each, "headers": {**each["headers"], **{name: name for name in _FIELDS}}}
        if isinstance(each, dict) and "headers" in each
        else each
        for status, each in responses.items()
    }


def draft_headers() -> dict[str, dict[str, Any]]:
    """Return the response headers of the draft, by component name."""
    return {
        "Upload-Complete": {
            "description": "Whether the upload is complete, and the answer is about the file.",
            "schema": {"type": "string", "enum": ["?0", "?1"]},
        },
        "Upload-Limit": {
            "description": "The longest file in bytes, and the seconds that are left.",
            "schema": {"type": "string"},
        },
    }
