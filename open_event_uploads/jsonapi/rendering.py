"""Render objects as documents."""

from collections.abc import Iterable, Sequence
from typing import Any

from open_event_uploads.current import current_application, current_request
from open_event_uploads.jsonapi.api import schemas_by_type
from open_event_uploads.jsonapi.config import current_config
from open_event_uploads.jsonapi.include import Path, follow
from open_event_uploads.jsonapi.page_items import PageItems
from open_event_uploads.jsonapi.page_links import Links, address, cursor_links
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.jsonapi.serializer import Serializer, serializer


def collection_url(schema: type[Schema]) -> str:
    """Return the absolute address of a collection, never from the request's own."""
    return f"{current_config().public_url}/v1/{schema.opts.type_}"


def requested_url(query: Query | None = None) -> str:
    """Return the absolute address of this request, built from the configured base."""
    # Every address of ours is ASCII, so the path needs no escaping.
    path = current_request().path.rstrip("/")
    return address(f"{current_config().public_url}{path}", query.sent if query else [])


def resource_objects(
    schema: type[Schema], objects: Iterable[Any], query: Query
) -> list[dict[str, Any]]:
    """Render objects, each with its address and the fields that the query wants."""
    collection = collection_url(schema)
    wanted = query.fields.get(schema.opts.type_)
    serializers: dict[frozenset[str] | None, Serializer] = {}
    found = []
    for each in objects:
        shown = schema.shown_of(each, wanted)
        if shown not in serializers:
            serializers[shown] = serializer(schema, shown, collection)
        found.append(serializers[shown](each))
    return found


def document(
    schema: type[Schema],
    primary: Any,  # noqa: ANN401 - an object, a list of them, or None
    query: Query,
    links: Links,
) -> dict[str, Any]:
    """Render a document about one object, a list of them, or nothing, and what it includes."""
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


def add_cursors(
    answer: dict[str, Any], query: Query, found: PageItems, cursors: Sequence[str]
) -> None:
    """Add what the Cursor Pagination profile says of a page to the document that holds it.

    Args:
        answer: the document; its `data` are the items of the page.
        query: of the request.
        found: the items.
        cursors: of the items.
    """
    size = query.pagination.size
    answer["links"] |= cursor_links(requested_url(), query.sent, found, size, cursors)
    for item, cursor in zip(answer["data"], cursors, strict=True):
        item.setdefault("meta", {})["page"] = {"cursor": cursor}
    if found.is_truncated:
        answer["meta"] = {"page": {"rangeTruncated": True}}


def included(
    schema: type[Schema],
    objects: Sequence[Any],
    paths: tuple[Path, ...],
    query: Query,
    shown: set[tuple[str, str]],
) -> list[dict[str, Any]]:
    """Render the related objects, each once, and none that is primary data."""
    schemas = schemas_by_type(current_application())
    related = follow(schema, objects, paths, schemas)
    return [
        resource
        for (type_, id_), obj in related.items()
        if (type_, id_) not in shown
        for resource in resource_objects(schemas[type_], [obj], query)
    ]


def described_by() -> str:
    """Return the address of the description of this API."""
    return f"{current_config().public_url}/v1/openapi.json"
