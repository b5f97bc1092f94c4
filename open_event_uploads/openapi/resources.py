"""Operations of the resources' endpoints: one function for each kind."""

from collections.abc import Callable
from typing import Any

from open_event_uploads.jsonapi import (
    ResourceDetail,
    ResourceList,
    ResourceRelated,
    ResourceRelationship,
)
from open_event_uploads.jsonapi.codec import MEDIA_TYPE
from open_event_uploads.openapi.components import name_of
from open_event_uploads.openapi.file_bodies import (
    content_operation,
    disposition_header,
    file_bodies,
)
from open_event_uploads.openapi.parameters import PAGES, Schemas, filters, sort
from open_event_uploads.openapi.relationships import linkage, related
from open_event_uploads.openapi.resource_route import (
    READ_ERRORS,
    Operation,
    ResourceRoute,
    reading,
    refused,
)
from open_event_uploads.openapi.responses import errors, success
from open_event_uploads.openapi.route_table import Route
from open_event_uploads.server.policy import Who
from open_event_uploads.uploads.endpoints import UploadContent

_WRITE_ERRORS = (400, 403, 406, 409, 411, 413, 415, 422, 429, 503, 507)


def resource_operations(route: Route, schemas: Schemas) -> dict[str, Operation]:
    """Return the operations of an endpoint, by method; none for a plain function."""
    resource = route.resource
    kinds = [kind for kind in _KINDS if resource is not None and issubclass(resource, kind)]
    if resource is None or not kinds:
        return {}
    subject = ResourceRoute(route, resource.schema, schemas)
    described = _KINDS[kinds[0]](subject)
    return {
        method: {"tags": [subject.type_], **operation}
        for method, operation in described.items()
        if method in route.methods
    }


def _collection(on: ResourceRoute) -> dict[str, Operation]:
    order = [*sort(on.schema), *filters(on.schema)]
    made = success(201, name_of(on.type_, "Document"))
    files = bool(on.route.resource and on.route.resource.receives_files)
    once = bool(on.route.resource and on.route.resource.keeps_replies)
    headers = [*(["idempotencyKey"] if once else []), *([disposition_header()] if files else [])]
    return {
        "GET": reading(
            f"{on.type_}List",
            f"List {on.type_}",
            name_of(on.type_, "Collection"),
            [*on.shape_parameters, *order, *PAGES],
            403,
        ),
        "POST": {
            "operationId": f"{on.type_}Create",
            "summary": f"Create one {on.singular}",
            "parameters": [*on.shape_parameters, *headers],
            "requestBody": _body(name_of(on.type_, "New"), **(file_bodies() if files else {})),
            "responses": {"201": made, **errors(404, *_WRITE_ERRORS)},
        },
    }


def _detail(on: ResourceRoute) -> dict[str, Operation]:
    document, shape = name_of(on.type_, "Document"), on.shape_parameters
    return {
        "GET": reading(f"{on.type_}Read", f"Fetch one {on.singular}", document, shape, 403, 404),
        "PATCH": {
            "operationId": f"{on.type_}Update",
            "summary": f"Change one {on.singular}",
            "description": "An attribute that is absent or null stays as it is.",
            "parameters": [*shape, "ifMatch"],
            "requestBody": _body(name_of(on.type_, "Change")),
            "responses": {"200": success(200, document), **errors(404, 412, *_WRITE_ERRORS)},
        },
        "DELETE": {
            "operationId": f"{on.type_}Delete",
            "summary": f"Delete one {on.singular}",
            "parameters": ["ifMatch"],
            "responses": {"204": success(204), **errors(403, 404, 409, 412, *READ_ERRORS)},
        },
        **_refused_writes(on),
    }


def _refused_writes(on: ResourceRoute) -> dict[str, Operation]:
    """Return the operations that nobody may run."""
    description = "Only the server changes this resource."
    return {
        method: refused(f"{on.type_}{verb}", f"{verb} one {on.singular}", description)
        for method, verb in {"PATCH": "Update", "DELETE": "Delete"}.items()
        if method in on.route.policies and on.route.policies[method].who is Who.NOBODY
    }


# The first class that an endpoint derives from decides.
_KINDS: dict[type[Any], Callable[[ResourceRoute], dict[str, Operation]]] = {
    UploadContent: content_operation,
    ResourceList: _collection,
    ResourceRelated: related,
    ResourceRelationship: linkage,
    ResourceDetail: _detail,
}


def _body(component: str, **others: Any) -> dict[str, Any]:  # noqa: ANN401 - media types
    return {"required": True, "content": {MEDIA_TYPE: {"schema": component}, **others}}
