"""Objects become resource objects."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from open_event_uploads.extensions import current_settings

if TYPE_CHECKING:
    from open_event_uploads.api.jsonapi.query import Query
    from open_event_uploads.api.jsonapi.schema import Schema


def collection_url(schema: type["Schema"]) -> str:
    """The absolute address of a collection: from the configured base, never from a request."""
    return f"{current_settings().public_url}/v1/{schema.opts.type_}"


def resource_objects(
    schema: type["Schema"], objects: Iterable[object], query: "Query"
) -> list[dict[str, Any]]:
    """Resource objects, each with its address and the fields that the query wants."""
    base = collection_url(schema)
    wanted = query.fields.get(schema.opts.type_)
    found = []
    for obj in objects:
        resource: dict[str, Any] = schema.shared().dump(obj)["data"]
        if wanted is not None:
            attributes = resource.pop("attributes").items()
            if kept := {name: value for name, value in attributes if name in wanted}:
                resource["attributes"] = kept
        resource["links"] = {"self": f"{base}/{resource['id']}"}
        found.append(resource)
    return found


def resource_document(schema: type["Schema"], obj: object, query: "Query") -> dict[str, Any]:
    """A document about one resource; its `self` is the resource's own."""
    (resource,) = resource_objects(schema, [obj], query)
    return {"data": resource, "links": dict(resource["links"])}
