"""Operations of the resource views: one function for each kind of view."""

from collections.abc import Callable
from typing import Any

from open_event_uploads.jsonapi import (
    ReadOnlyDetail,
    ReadOnlyList,
    ResourceDetail,
    ResourceList,
    ResourceRelated,
    ResourceRelationship,
)
from open_event_uploads.jsonapi.codec import MEDIA_TYPE
from open_event_uploads.openapi.addresses import Route
from open_event_uploads.openapi.components import name_of
from open_event_uploads.openapi.files import content, disposition, file_bodies
from open_event_uploads.openapi.parameters import Schemas, filters, sort
from open_event_uploads.openapi.relationships import linkage, related
from open_event_uploads.openapi.responses import answer, errors
from open_event_uploads.openapi.subject import READING, Operation, Subject
from open_event_uploads.uploads.routes import UploadContent

_SENT = (400, 403, 406, 409, 411, 413, 415, 422, 429, 503, 507)


def resource_operations(route: Route, schemas: Schemas) -> dict[str, Operation]:
    """The operations of a resource view, by method; none for a view of another kind."""
    resource = route.resource
    if resource is not None and issubclass(resource, UploadContent):
        return content(Subject(route, resource.schema, schemas))
    kinds = [kind for kind in _KINDS if resource is not None and issubclass(resource, kind)]
    if resource is None or not kinds:
        return {}
    subject = Subject(route, resource.schema, schemas)
    described = _KINDS[kinds[0]](subject)
    return {
        method: {"tags": [subject.type_], **operation}
        for method, operation in described.items()
        if method in route.methods
    }


def _collection(of: Subject) -> dict[str, Operation]:
    order = [*sort(of.schema), *filters(of.schema)]
    pages = ["pageNumber", "pageSize", "pageAfter", "pageBefore"]
    listed = answer(200, name_of(of.type_, "Collection"))
    made = answer(201, name_of(of.type_, "Document"))
    files = bool(of.route.resource and of.route.resource.receives_files)
    once = bool(of.route.resource and of.route.resource.keeps_replies)
    headers = [*(["idempotencyKey"] if once else []), *([disposition()] if files else [])]
    return {
        "GET": {
            "operationId": f"{of.type_}List",
            "summary": f"List {of.type_}",
            "parameters": [*of.shape, *order, *pages, "ifNoneMatch"],
            "responses": {"200": listed, "304": answer(304), **errors(403, *READING)},
        },
        "POST": {
            "operationId": f"{of.type_}Create",
            "summary": f"Create one {of.singular}",
            "parameters": [*of.shape, *headers],
            "requestBody": _body(name_of(of.type_, "New"), **(file_bodies() if files else {})),
            "responses": {"201": made, **errors(404, *_SENT)},
        },
    }


def _detail(of: Subject) -> dict[str, Operation]:
    found = answer(200, name_of(of.type_, "Document"))
    return {
        "GET": {
            "operationId": f"{of.type_}Read",
            "summary": f"Fetch one {of.singular}",
            "parameters": [*of.shape, "ifNoneMatch"],
            "responses": {"200": found, "304": answer(304), **errors(403, 404, *READING)},
        },
        "PATCH": {
            "operationId": f"{of.type_}Update",
            "summary": f"Change one {of.singular}",
            "description": "An attribute that is absent or null stays as it is.",
            "parameters": [*of.shape, "ifMatch"],
            "requestBody": _body(name_of(of.type_, "Change")),
            "responses": {"200": found, **errors(404, 412, *_SENT)},
        },
        "DELETE": {
            "operationId": f"{of.type_}Delete",
            "summary": f"Delete one {of.singular}",
            "parameters": ["ifMatch"],
            "responses": {"204": answer(204), **errors(403, 404, 409, 412, *READING)},
        },
    }


def _kept(of: Subject) -> dict[str, Operation]:
    refused = {
        method: {
            "operationId": f"{of.type_}{verb}",
            "summary": f"{verb} one {of.singular}: always refused",
            "description": "The server keeps this resource.",
            "responses": errors(400, 403, 404, 406, 415, 503),
        }
        for method, verb in {"PATCH": "Update", "DELETE": "Delete"}.items()
    }
    return {"GET": _detail(of)["GET"], **refused}


def _kept_collection(of: Subject) -> dict[str, Operation]:
    refused: Operation = {
        "operationId": f"{of.type_}Create",
        "summary": f"Create one {of.singular}: always refused",
        "description": "The server keeps this collection.",
        "responses": errors(400, 403, 406, 415, 503),
    }
    return {"GET": _collection(of)["GET"], "POST": refused}


# The first that fits.
_KINDS: dict[type[Any], Callable[[Subject], dict[str, Operation]]] = {
    ReadOnlyList: _kept_collection,
    ResourceList: _collection,
    ResourceRelated: related,
    ResourceRelationship: linkage,
    ReadOnlyDetail: _kept,
    ResourceDetail: _detail,
}


def _body(component: str, **others: Any) -> dict[str, Any]:  # noqa: ANN401 - media types
    return {"required": True, "content": {MEDIA_TYPE: {"schema": component}, **others}}
