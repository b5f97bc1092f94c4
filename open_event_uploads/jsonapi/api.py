"""The table of resources: their routes, schemas and data layers."""

from typing import Any

import flask_rest_jsonapi_next as library
from flask import Flask
from werkzeug.routing import BaseConverter

from open_event_uploads.database.types import ID_PATTERN
from open_event_uploads.jsonapi.codec import JsonProvider
from open_event_uploads.jsonapi.config import JsonApiConfig, configure
from open_event_uploads.jsonapi.problems import register_error_handlers
from open_event_uploads.jsonapi.schema import Schema

_SCHEMAS = "uploads_schemas"
_LAYERS = "uploads_layers"


class _IdConverter(BaseConverter):
    """A resource id: a UUID in its canonical spelling; anything else has no address."""

    regex = ID_PATTERN


class _NameConverter(BaseConverter):
    """A member name, as of a relationship."""

    regex = "[a-z][a-z0-9-]*"


class JsonApi(library.Api):
    """The library's `Api` without its error handlers.

    They show the text of any `ValueError`, bugs included, drop `Allow` and `code`, and log a
    traceback for every 4xx. One is made for each application: a module-level one would break the
    second.
    """

    def __init__(self, app: Flask, config: JsonApiConfig) -> None:
        super().__init__()  # with `app` it would register the handlers
        self.app = app
        app.json = JsonProvider(app)
        app.extensions[_SCHEMAS] = {}
        app.extensions[_LAYERS] = {}
        app.url_map.converters.update(id=_IdConverter, name=_NameConverter)
        configure(app, config)
        register_error_handlers(app)

    def route(self, resource: type, view: str, *urls: str, **options: object) -> None:
        """Add a resource, and remember the schema and the data layer of its type."""
        super().route(resource, view, *urls, **options)
        schema: type[Schema] = resource.schema  # type: ignore[attr-defined]  # every resource has one
        self.app.extensions[_SCHEMAS][schema.opts.type_] = schema
        self.app.extensions[_LAYERS][schema.opts.type_] = resource._data_layer  # type: ignore[attr-defined]  # noqa: SLF001 - as the library names it


def schemas_by_type(app: Flask) -> dict[str, type[Schema]]:
    """Return the schema of each resource type that has a route."""
    schemas: dict[str, type[Schema]] = app.extensions[_SCHEMAS]
    return schemas


def layers_by_type(app: Flask) -> dict[str, Any]:
    """Return the data layer of each resource type that has a route."""
    layers: dict[str, Any] = app.extensions[_LAYERS]
    return layers
