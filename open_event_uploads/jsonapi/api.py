"""The route table's helper."""

from typing import Any

import flask_rest_jsonapi_next as library
from flask import Flask

from open_event_uploads.jsonapi.codec import JsonProvider
from open_event_uploads.jsonapi.problems import register_error_handlers
from open_event_uploads.jsonapi.schema import Schema

_SCHEMAS = "uploads_schemas"
_LAYERS = "uploads_layers"


class JsonApi(library.Api):
    """The library's `Api` with our error handlers in place of its own.

    Made inside `register_api`: a module-level one breaks the second application.

    Args:
        app: to add the routes to.
    """

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        app.json = JsonProvider(app)
        app.extensions[_SCHEMAS] = {}
        app.extensions[_LAYERS] = {}
        register_error_handlers(app)

    def route(self, resource: type, view: str, *urls: str, **options: object) -> None:
        """Add a resource, and remember the schema and the data layer of its type."""
        super().route(resource, view, *urls, **options)
        schema: type[Schema] = resource.schema  # type: ignore[attr-defined]  # every resource has one
        self.app.extensions[_SCHEMAS][schema.opts.type_] = schema
        self.app.extensions[_LAYERS][schema.opts.type_] = resource._data_layer  # type: ignore[attr-defined]  # noqa: SLF001 - as the library names it


def schemas_by_type(app: Flask) -> dict[str, type[Schema]]:
    """The schema of each resource type that the route table offers."""
    schemas: dict[str, type[Schema]] = app.extensions[_SCHEMAS]
    return schemas


def layers_by_type(app: Flask) -> dict[str, Any]:
    """What finds the resources of each type."""
    layers: dict[str, Any] = app.extensions[_LAYERS]
    return layers
