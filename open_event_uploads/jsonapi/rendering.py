"""Objects become documents."""

from collections.abc import Iterable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from flask import current_app, request

from open_event_uploads.context import current_settings
from open_event_uploads.jsonapi.api import schemas_by_type
from open_event_uploads.jsonapi.include import Path, follow
from open_event_uploads.jsonapi.pagination import address
from open_event_uploads.jsonapi.serializer import serializer

if TYPE_CHECKING:
    from open_event_uploads.jsonapi.query import Query
    from open_event_uploads.jsonapi.schema import Schema


def collection_url(schema: type["Schema"]) -> str:
    """The absolute address of a collection: from the configured base, never from a request."""
    return f"{current_settings().public_url}/v1/{schema.opts.type_}"


def requested_url(query: "Query | None" = None) -> str:
    """The absolute address of this request: the configured base, our path, what was asked."""
    # Every address of ours is ASCII, so the path needs no escaping.
    path = request.path.rstrip("/")
    return address(f"{current_settings().public_url}{path}", query.sent if query else [])


def resource_objects(
    schema: type["Schema"], objects: Iterable[Any], query: "Query"
) -> list[dict[str, Any]]:
    """Resource objects, each with its address and the fields that the query wants."""
    base = collection_url(schema)
    wanted = query.fields.get(schema.opts.type_)
    serialize = cache(partial(serializer, schema))
    return [serialize(schema.shown_of(each, wanted))(each, f"{base}/{each.id}") for each in objects]


def document(
    schema: type["Schema"],
    primary: Any,  # noqa: ANN401 - an object, a list of them, or None
    query: "Query",
    links: dict[str, str | None],
) -> dict[str, Any]:
    """A document about one object, a list of them, or nothing, and what it includes."""
    objects = primary if isinstance(primary, list) else [primary] if primary is not None else []
    data = resource_objects(schema, objects, query)
    found: dict[str, Any] = {
        "data": data if isinstance(primary, list) else data[0] if data else None,
        "links": {**links, "describedby": described_by()},
    }
    if query.include is not None:
        shown = {(each["type"], each["id"]) for each in data}
        found["included"] = included(schema, objects, query.include, query, shown)
    return found


def included(
    schema: type["Schema"],
    objects: Sequence[Any],
    paths: tuple[Path, ...],
    query: "Query",
    shown: set[tuple[str, str]],
) -> list[dict[str, Any]]:
    """Resource objects that travel along, each once, and none that is primary data."""
    schemas = schemas_by_type(current_app)
    related = follow(schema, objects, paths, schemas)
    return [
        resource
        for (type_, id_), obj in related.items()
        if (type_, id_) not in shown
        for resource in resource_objects(schemas[type_], [obj], query)
    ]


def described_by() -> str:
    """Where the description of this API is."""
    return f"{current_settings().public_url}/v1/openapi.json"
