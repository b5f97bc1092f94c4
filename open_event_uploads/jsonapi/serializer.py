"""Compile schemas to functions that make resource objects.

marshmallow's own `dump`, and a dictionary for each part of a resource object, would be most of the
time of a list (`python -m bench.parts` measures it).
"""

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec
from marshmallow_jsonapi import fields

from open_event_uploads.jsonapi.fields import FieldWithWriter, Relationship
from open_event_uploads.jsonapi.schema import Schema

Serializer = Callable[[Any], dict[str, Any]]
Write = Callable[[Any, Any], Any]

# Fields of these types need no function: JSON has the types, and models have checked the values.
_AS_THEY_ARE = frozenset(
    each._serialize  # noqa: SLF001 - a field's own way to write a value
    for each in (fields.String, fields.Integer, fields.Boolean)
)
_encode = msgspec.json.Encoder().encode


def serializer(schema: type[Schema], wanted: frozenset[str] | None, collection: str) -> Serializer:
    """Return a function from an object to its resource object, for one document.

    `attributes` and `relationships` in it can only be encoded.

    Args:
        schema: of the objects.
        wanted: the public names of the fields to show; None for all.
        collection: the address of the collection that the objects are in.
    """
    attributes, relationships = _compiled(schema, wanted, collection)  # type: ignore[arg-type]  # a class can be hashed
    write_attributes = attributes and attributes.writer()
    write_relationships = relationships and relationships.writer()
    type_, meta_of = schema.opts.type_, schema.meta_of

    def serialize(obj: Any) -> dict[str, Any]:  # noqa: ANN401 - any model
        resource: dict[str, Any] = {"type": type_, "id": obj.id}
        if write_attributes:
            resource["attributes"] = write_attributes(obj)
        if write_relationships:
            resource["relationships"] = write_relationships(obj)
        resource["links"] = {"self": f"{collection}/{obj.id}"}
        if meta := meta_of(obj):
            resource["meta"] = meta
        return resource

    return serialize


@lru_cache(maxsize=1000)
def _compiled(
    schema: type[Schema], wanted: frozenset[str] | None, collection: str
) -> tuple["_Attributes | None", "_Relationships | None"]:
    attributes, relationships = {}, {}
    for public, name in schema.public_names().items():
        if wanted is None or public in wanted:
            field = schema.shared().fields[name]
            if isinstance(field, Relationship):
                relationships[public] = field
            else:
                attributes[public] = field
    return (
        _Attributes(attributes) if attributes else None,
        _Relationships(relationships, collection) if relationships else None,
    )


class _Attributes:
    """The attributes of a resource object, read with one `attrgetter`."""

    def __init__(self, shown: dict[str, Any]) -> None:
        names = [field.attribute or field.name for field in shown.values()]
        # With one name too many it returns a tuple even for one attribute.
        self._read = attrgetter(*names, names[0])
        self._written = [
            (place, _writer_of(field))
            for place, field in enumerate(shown.values())
            if isinstance(field, FieldWithWriter) or type(field)._serialize not in _AS_THEY_ARE  # noqa: SLF001 - as above
        ]
        members = [f"_{place}" for place in range(len(names))]
        self._object = msgspec.defstruct(
            "Attributes", members, rename=dict(zip(members, shown, strict=True)), gc=False
        )

    def writer(self) -> Callable[[Any], msgspec.Struct]:
        """Return a function from an object to its encodable attributes, for one document."""
        read, make = self._read, self._object
        written = [(place, writer()) for place, writer in self._written]

        def write(obj: Any) -> msgspec.Struct:  # noqa: ANN401 - any model
            *values, _ = read(obj)
            for place, each in written:
                values[place] = each(values[place], obj)
            return make(*values)

        return write


def _writer_of(field: Any) -> Callable[[], Write]:  # noqa: ANN401 - any field
    if isinstance(field, FieldWithWriter):
        return field.writer
    return lambda: lambda value, obj: field._serialize(value, field.name, obj)  # noqa: SLF001 - as above


class _Relationships:
    """The relationships of a resource object, as the text of JSON.

    Names and ids of resources have no character that JSON would escape.
    """

    def __init__(self, shown: dict[str, Relationship], collection: str) -> None:
        # Of each relationship: the id, the id, and the linkage.
        url = _encode(collection)[1:-1].decode().replace("%", "%%") + "/%s"
        members = [
            f'"{name}":{{"links":{{"self":"{url}/relationships/{name}","related":"{url}/{name}"}},'
            '"data":%s}'
            for name in shown
        ]
        self._template = f"{{{','.join(members)}}}"
        self._fields = shown.values()

    def writer(self) -> Callable[[Any], msgspec.Raw]:
        """Return a function from an object to JSON, for one document."""
        template, linkages = self._template, [_linkage(field) for field in self._fields]

        def write(obj: Any) -> msgspec.Raw:  # noqa: ANN401 - any model
            id_ = obj.id
            values: list[str] = []
            for linkage in linkages:
                values += id_, id_, linkage(obj)
            return msgspec.Raw((template % tuple(values)).encode())

        return write


def _linkage(field: Relationship) -> Callable[[Any], str]:
    read, before, after = field.reader(), f'{{"type":"{field.target}","id":"', '"}'
    between = f"{after},{before}"
    if field.to_many:
        before, after, none = f"[{before}", f"{after}]", "[]"
    else:
        none = "null"

    def write(obj: Any) -> str:  # noqa: ANN401 - any model
        ids = read(obj)
        return f"{before}{between.join(ids)}{after}" if ids else none

    return write


def relationship_links(url: str, name: str) -> dict[str, str]:
    """Return the two links of a relationship (JSON:API 1.1, "Relationships")."""
    return {"self": f"{url}/relationships/{name}", "related": f"{url}/{name}"}
