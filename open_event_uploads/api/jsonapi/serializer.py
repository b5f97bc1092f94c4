"""Schemas compiled to functions: what a schema says never changes, so it is asked once.

Measured: marshmallow's own `dump` took 69 % of the time of a list of 50.
"""

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from marshmallow_jsonapi import fields

from open_event_uploads.api.jsonapi.fields import Relationship

if TYPE_CHECKING:
    from open_event_uploads.api.jsonapi.schema import Schema

Serializer = Callable[[Any, str], dict[str, Any]]

# JSON has these types, and the models have checked them.
_AS_THEY_ARE = (fields.String, fields.Integer, fields.Boolean)


@lru_cache(maxsize=1000)
def serializer(schema: type["Schema"], wanted: frozenset[str] | None) -> Serializer:
    """A function from an object and its address to its resource object; it keeps no state.

    Args:
        schema: of the object.
        wanted: public names of the fields to show, or None for all of them.
    """
    shown = {
        public: schema.shared().fields[name]
        for public, name in schema.public_names().items()
        if wanted is None or public in wanted
    }
    plain, written, relationships = [], [], []
    for public, field in shown.items():
        if isinstance(field, Relationship):
            relationships.append((public, field))
            continue
        read = attrgetter(field.attribute or field.name)
        if type(field) in _AS_THEY_ARE:
            plain.append((public, read))
        else:
            written.append((public, read, field._serialize, field.name))  # noqa: SLF001 - a field's own way to write a value
    order = [public for public, field in shown.items() if not isinstance(field, Relationship)]
    type_, meta_of = schema.opts.type_, schema.meta_of

    def serialize(obj: Any, url: str) -> dict[str, Any]:  # noqa: ANN401 - any model
        resource: dict[str, Any] = {"type": type_, "id": obj.id}
        if order:
            attributes = dict.fromkeys(order)
            for public, read in plain:
                attributes[public] = read(obj)
            for public, read, write, name in written:
                attributes[public] = write(read(obj), name, obj)
            resource["attributes"] = attributes
        if relationships:
            resource["relationships"] = {
                public: {"links": relationship_links(url, public), "data": field.linkage(obj)}
                for public, field in relationships
            }
        resource["links"] = {"self": url}
        if meta := meta_of(obj):
            resource["meta"] = meta
        return resource

    return serialize


def relationship_links(url: str, name: str) -> dict[str, str]:
    """The two addresses of a relationship (JSON:API 1.1, "Relationships")."""
    return {"self": f"{url}/relationships/{name}", "related": f"{url}/{name}"}
