"""Put the whole description together."""

from http import HTTPStatus
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask

from open_event_uploads import __version__
from open_event_uploads.jsonapi import ResourceDetail
from open_event_uploads.jsonapi.api import schemas_by_type
from open_event_uploads.openapi.atomic import atomic_components
from open_event_uploads.openapi.attributes import prepare_converter
from open_event_uploads.openapi.components import (
    common_components,
    linkage_component,
    type_components,
    written_components,
)
from open_event_uploads.openapi.file_bodies import FORM, form_component
from open_event_uploads.openapi.parameters import Schemas, path_parameters, shared_parameters
from open_event_uploads.openapi.plain_operations import plain_operations
from open_event_uploads.openapi.relationships import linkage_name
from open_event_uploads.openapi.resources import resource_operations
from open_event_uploads.openapi.responses import error_responses, errors, shared_headers
from open_event_uploads.openapi.resumable import resumable_headers
from open_event_uploads.openapi.resumable_draft import draft_headers, with_draft
from open_event_uploads.openapi.route_table import Route, routes
from open_event_uploads.openapi.security import SECURITY, add_security_scheme
from open_event_uploads.server.policy import Who
from open_event_uploads.settings import Settings
from open_event_uploads.uploads.resumable.addresses import is_resumable_path

_ABOUT = """\
A [JSON:API 1.1](https://jsonapi.org/format/1.1/) server for image uploads.

Every GET answers HEAD, and every address OPTIONS. A write may name the version it is about in
`If-Match`. An error is a document with a stable `code`.
"""

_ORDER = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def describe(app: Flask, settings: Settings) -> dict[str, Any]:
    """Describe an application (OpenAPI 3.1.1), from its routes, its schemas and its limits."""
    plugin = MarshmallowPlugin()
    spec = APISpec(
        title="Open Event Uploads",
        version=__version__,
        openapi_version="3.1.1",
        plugins=[plugin],
        info={"description": _ABOUT, "license": {"name": "MIT", "identifier": "MIT"}},
        servers=[{"url": settings.public_url}],
        security=SECURITY,
    )
    converter = prepare_converter(plugin)
    table = list(routes(app))
    schemas = schemas_by_type(app)
    _add_shared(spec, settings)
    for schema in schemas.values():
        pattern = _id_pattern(table, schema)
        for name, component in {
            **type_components(schema, pattern, converter),
            **written_components(schema, pattern, converter),
        }.items():
            spec.components.schema(name, component)
    spec.components.schema(FORM, form_component(converter))
    _add_linkages(spec, schemas)
    for route in table:
        _add_path(spec, route, schemas, settings)
    return _without_unused(spec.to_dict())


def _add_shared(spec: APISpec, settings: Settings) -> None:
    for name, header in {**shared_headers(), **resumable_headers(), **draft_headers()}.items():
        spec.components.header(name, header)
    for name, parameter in shared_parameters(settings).items():
        spec.components.parameter(name, parameter["in"], parameter)
    for name, component in {**common_components(), **atomic_components()}.items():
        spec.components.schema(name, component)
    add_security_scheme(spec)
    for name, response in error_responses().items():
        spec.components.response(name, response)


def _add_linkages(spec: APISpec, schemas: Schemas) -> None:
    for type_, schema in schemas.items():
        for name, each in schema.relationships().items():
            component = linkage_component(each.target, many=each.to_many)
            spec.components.schema(linkage_name(type_, name), component)


def _add_path(spec: APISpec, route: Route, schemas: Schemas, settings: Settings) -> None:
    known = plain_operations().get(route.path) or resource_operations(route, schemas)
    if settings.resumable_draft and is_resumable_path(route.path):
        known = with_draft(known)
    methods = route.methods | (known.keys() & route.policies.keys())
    operations = {method.lower(): known[method] for method in _ORDER if method in methods}
    for method, each in operations.items():
        each["responses"] = {**each["responses"], **errors(*_identity_errors(route, method))}
    spec.path(path=route.path, operations=operations, parameters=path_parameters(route.patterns))


def _identity_errors(route: Route, method: str) -> tuple[HTTPStatus, ...]:
    policy = route.policies.get(method.upper())
    if policy is None or policy.who in {Who.ANYBODY, Who.NOBODY}:
        # An Authorization header must be valid wherever it is sent.
        return (HTTPStatus.UNAUTHORIZED,)
    return HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN


def _id_pattern(table: list[Route], schema: Any) -> str:  # noqa: ANN401 - any schema
    """Return the regular expression of a type's ids, from the address of one resource."""
    found = (
        pattern
        for route in table
        if route.resource and issubclass(route.resource, ResourceDetail)
        if route.resource.schema is schema
        for pattern in route.patterns.values()
    )
    return f"^{next(found, '.+')}$"


def _without_unused(description: dict[str, Any]) -> dict[str, Any]:
    """Remove the shared components that nothing refers to."""
    text = ""
    while text != (text := str(description)):
        for kind, parts in description["components"].items():
            if kind == "securitySchemes":
                continue  # these are referred to by name alone
            for name in [each for each in parts if f"'#/components/{kind}/{each}'" not in text]:
                del parts[name]
    return description
