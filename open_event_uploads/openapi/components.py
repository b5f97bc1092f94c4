"""Schemas of documents, resource objects and errors (JSON:API 1.1, "Document Structure")."""

from typing import Any

from apispec.ext.marshmallow.openapi import OpenAPIConverter

from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.openapi.attributes import (
    JsonSchema,
    readable_attributes,
    writable_attributes,
)

_TEXT: JsonSchema = {"type": "string"}
_OBJECT: JsonSchema = {"type": "object"}
_URI: JsonSchema = {**_TEXT, "format": "uri"}
# An object says that the document applies an extension or a profile.
_LINK_OBJECT = {
    "type": "object",
    "properties": {"href": _URI, "type": _TEXT},
    "required": ["href"],
}
_LINKS: JsonSchema = {
    "type": "object",
    "additionalProperties": {"oneOf": [_URI, _LINK_OBJECT, {"type": "null"}]},
}
_SOURCE = {
    "pointer": {**_TEXT, "description": "JSON Pointer to the invalid member (RFC 6901)."},
    "parameter": {**_TEXT, "description": "The invalid query parameter, with its brackets."},
    "header": {**_TEXT, "description": "The invalid request header."},
}
_ERROR = {
    "id": {**_TEXT, "description": "The request's id."},
    "links": _OBJECT,
    "status": {**_TEXT, "pattern": "^[45][0-9]{2}$"},
    "code": {**_TEXT, "description": "Stable, for programs."},
    "title": {**_TEXT, "description": "Stable: the meaning of the code."},
    "detail": {**_TEXT, "description": "This occurrence, for people."},
    "source": {"type": "object", "properties": _SOURCE},
    "meta": {
        "type": "object",
        "properties": {"limit": {"type": "integer"}, "actual": {"type": "integer"}},
    },
}


def name_of(type_: str, part: str) -> str:
    """Return the component name of a part of a type: `UploadsDocument`."""
    return type_.title().replace("-", "") + part


def ref(name: str) -> JsonSchema:
    """Return a reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def common_components() -> dict[str, JsonSchema]:
    """Return the components that every type shares, by name."""
    uris = {"type": "array", "items": _URI}
    errors = {"type": "array", "items": ref("Error"), "minItems": 1}
    return {
        "JsonApi": object_schema(["version"], version={"const": "1.1"}, ext=uris, profile=uris),
        "Links": _LINKS,
        "Error": object_schema(["status", "code", "title"], **_ERROR),
        "ErrorDocument": object_schema(
            ["errors", "jsonapi"], errors=errors, jsonapi=ref("JsonApi")
        ),
        "MetaDocument": _document(["meta"], meta=_OBJECT),
    }


def type_components(
    schema: type[Schema], id_pattern: str, converter: OpenAPIConverter
) -> dict[str, JsonSchema]:
    """Return the components of one resource type, by name."""
    type_ = schema.opts.type_
    identity = {"type": {"const": type_}, "id": {"type": "string", "pattern": id_pattern}}
    relationships = {
        name: _relationship(each.target, many=each.to_many)
        for name, each in schema.relationships().items()
    }
    resource = object_schema(
        ["type", "id", "links"],
        **identity,
        attributes=ref(name_of(type_, "Attributes")),
        links=ref("Links"),
        meta=_OBJECT,
        **({"relationships": object_schema([], **relationships)} if relationships else {}),
    )
    included = {"type": "array", "items": _OBJECT}
    either = {"oneOf": [ref(name_of(type_, "Resource")), {"type": "null"}]}
    several = {"type": "array", "items": ref(name_of(type_, "Resource"))}
    parts = {
        "Identifier": object_schema(["type", "id"], **identity, meta=_OBJECT),
        "Attributes": readable_attributes(schema, converter),
        "Resource": resource,
        "Document": _document(["data"], data=either, included=included),
        "Collection": _document(["data"], data=several, included=included, meta=_OBJECT),
    }
    return {name_of(type_, part): each for part, each in parts.items()}


def written_components(
    schema: type[Schema], id_pattern: str, converter: OpenAPIConverter
) -> dict[str, JsonSchema]:
    """Return the schemas of the documents that clients send, by component name."""
    type_ = {"const": schema.opts.type_}
    made = writable_attributes(schema, converter, partial=False)
    needs_attributes = "required" in made
    if schema.announced is not None:
        announced = writable_attributes(schema.announced, converter, partial=False)
        made = {"anyOf": [made, announced]}
    changed = writable_attributes(schema, converter, partial=True)
    id_ = {"type": "string", "pattern": id_pattern}
    required = ["type", "attributes"] if needs_attributes else ["type"]
    new = object_schema(required, type=type_, attributes=made)
    known = object_schema(["type", "id"], type=type_, id=id_, attributes=changed)
    return {
        name_of(schema.opts.type_, "New"): object_schema(["data"], data=new),
        name_of(schema.opts.type_, "Change"): object_schema(["data"], data=known),
    }


def linkage_component(target: str, *, many: bool) -> JsonSchema:
    """Describe the document at a relationship's own address."""
    included = {"type": "array", "items": _OBJECT}
    meta = {"meta": _OBJECT} if many else {}
    return _document(["data"], data=_linkage(target, many=many), included=included, **meta)


def _relationship(target: str, *, many: bool) -> JsonSchema:
    return object_schema(["links", "data"], links=ref("Links"), data=_linkage(target, many=many))


def _linkage(target: str, *, many: bool) -> JsonSchema:
    one = ref(name_of(target, "Identifier"))
    return {"type": "array", "items": one} if many else {"oneOf": [one, {"type": "null"}]}


def _document(required: list[str], **members: Any) -> JsonSchema:  # noqa: ANN401 - schemas
    top = {"links": ref("Links"), "jsonapi": ref("JsonApi")}
    return object_schema([*required, "jsonapi"], **members, **top)


def object_schema(required: list[str], **members: Any) -> JsonSchema:  # noqa: ANN401 - schemas
    """Describe an object, and which of its members it must have."""
    found: JsonSchema = {"type": "object", "properties": members}
    return {**found, "required": required} if required else found
