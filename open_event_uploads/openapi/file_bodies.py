"""Request bodies that are a file: a form, or the bytes themselves."""

from typing import Any

from apispec.ext.marshmallow.openapi import OpenAPIConverter

from open_event_uploads.openapi.attributes import writable_attributes
from open_event_uploads.openapi.components import name_of, object_schema
from open_event_uploads.openapi.resource_route import Operation, ResourceRoute
from open_event_uploads.openapi.responses import errors, success
from open_event_uploads.uploads.schema import UploadSchema

FORM = "UploadsForm"


def form_component(converter: OpenAPIConverter) -> dict[str, Any]:
    """Return the form that sends a file and its fields (OpenAPI 3.1, "Schema Object")."""
    written = writable_attributes(UploadSchema, converter, partial=True, nullable=False)
    file = {"type": "string", "format": "binary", "description": "The file."}
    parts = {name: each for name, each in written["properties"].items() if name != "data"}
    return object_schema(["file"], file=file, **parts)


def raw_bodies() -> dict[str, Any]:
    """Describe a file as the whole body (OpenAPI 3.1, "Media Type Object": no schema for bytes)."""
    return {"image/*": {}, "application/octet-stream": {}}


def file_bodies() -> dict[str, Any]:
    """Describe every body that holds a file outside a document."""
    return {"multipart/form-data": {"schema": FORM}, **raw_bodies()}


def disposition_header() -> dict[str, Any]:
    """Describe the header that names a raw body."""
    return {
        "name": "Content-Disposition",
        "in": "header",
        "description": "The name of a file that is the whole body.",
        "schema": {"type": "string"},
        "example": 'file; filename="talk.png"',
    }


def content_operation(on: ResourceRoute) -> dict[str, Operation]:
    """Describe the operation that replaces the bytes of one resource."""
    return {
        "PUT": {
            "operationId": f"{on.type_}ReplaceContent",
            "summary": f"Replace the bytes of one {on.singular}",
            "parameters": [*on.shape_parameters, "ifMatch", disposition_header()],
            "requestBody": {"required": True, "content": raw_bodies()},
            "responses": {
                "200": success(200, name_of(on.type_, "Document")),
                **errors(400, 403, 404, 406, 411, 412, 413, 415, 422, 429, 503, 507),
            },
        }
    }
