"""The Atomic Operations extension: its one operation, and its documents."""

from typing import Any

from open_event_uploads.jsonapi.codec import MEDIA_TYPE
from open_event_uploads.jsonapi.negotiation import ATOMIC
from open_event_uploads.openapi.attributes import ONE_PIXEL
from open_event_uploads.openapi.components import object_schema
from open_event_uploads.openapi.responses import errors, json_response, success

_ATOMIC_TYPE = f'{MEDIA_TYPE};ext="{ATOMIC}"'
_EXAMPLE = {
    "atomic:operations": [
        {"op": "add", "data": {"type": "uploads", "attributes": {"data": ONE_PIXEL}}}
    ]
}


def atomic_operations() -> dict[str, Any]:
    """Describe POST of several operations at once."""
    return {
        "tags": ["operations"],
        "operationId": "atomicOperations",
        "summary": "Run several operations, or none of them (Atomic Operations extension)",
        "parameters": ["idempotencyKey"],
        "requestBody": {
            "required": True,
            "content": {_ATOMIC_TYPE: {"schema": "AtomicOperations", "example": _EXAMPLE}},
        },
        "responses": {
            "200": json_response(
                "All of them are done; one result each.", "AtomicResults", _ATOMIC_TYPE
            ),
            "204": success(204),
            **errors(400, 403, 404, 406, 409, 411, 412, 413, 415, 422, 429, 503, 507),
        },
    }


def atomic_components() -> dict[str, dict[str, Any]]:
    """Return the schemas of the extension's documents, by component name."""
    operation = object_schema(
        ["op"],
        op={"enum": ["add", "update", "remove"]},
        ref={"type": "object"},
        href={"type": "string"},
        data={"type": ["object", "array", "null"]},
    )
    operations = {"type": "array", "items": operation, "minItems": 1}
    results = {"type": "array", "items": {"type": "object"}, "minItems": 1}
    return {
        f"Atomic{name.title()}": object_schema([f"atomic:{name}"], **{f"atomic:{name}": members})
        for name, members in {"operations": operations, "results": results}.items()
    }
