"""Marshmallow fields as JSON Schema (OpenAPI 3.1, "Schema Object")."""

from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter

from open_event_uploads.jsonapi.fields import Relationship, Text, dasherize
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.uploads.schema_fields import DataUri, MediaUrl, UploadUrl

JsonSchema = dict[str, Any]

# A black pixel: the shortest upload.
ONE_PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgAB"
    "SK+kcQAAAABJRU5ErkJggg=="
)


def readable_attributes(schema: type[Schema], converter: OpenAPIConverter) -> JsonSchema:
    """Describe the attributes of a resource object; a sparse fieldset leaves out some of them."""
    fields = _attributes(schema)
    shown = {name: each for name, each in fields.items() if not each.load_only}
    return {
        "type": "object",
        "properties": {dasherize(name): _property(each, converter) for name, each in shown.items()},
    }


def writable_attributes(
    schema: type[Schema], converter: OpenAPIConverter, *, partial: bool, nullable: bool = True
) -> JsonSchema:
    """Describe the attributes that a client may send; null means "as it is", or "the default".

    Args:
        schema: of the resource type.
        converter: of fields to JSON Schema.
        partial: whether required attributes may be absent, as on PATCH.
        nullable: whether null is allowed for attributes that are not required.
    """
    fields = _attributes(schema)
    written = {name: each for name, each in fields.items() if not each.dump_only}
    required = [] if partial else [name for name, each in written.items() if each.required]
    found: JsonSchema = {
        "type": "object",
        "properties": {
            dasherize(name): _property(each, converter)
            if name in required or not nullable
            else _or_null(_property(each, converter))
            for name, each in written.items()
        },
    }
    return {**found, "required": [dasherize(name) for name in required]} if required else found


def prepare_converter(plugin: MarshmallowPlugin) -> OpenAPIConverter:
    """Add our own fields to apispec's converter, and return it."""
    converter = plugin.converter
    assert converter is not None  # noqa: S101 - the plugin has been given to a description
    converter.map_to_openapi_type(DataUri, "string", None)  # type: ignore[no-untyped-call]
    converter.map_to_openapi_type(MediaUrl, "string", "uri")  # type: ignore[no-untyped-call]
    converter.map_to_openapi_type(UploadUrl, "string", "uri")  # type: ignore[no-untyped-call]
    converter.add_attribute_function(_own_rules)  # type: ignore[no-untyped-call]
    return converter


def _own_rules(_converter: Any, field: Any, **_: Any) -> JsonSchema:  # noqa: ANN401 - apispec's signature
    if isinstance(field, DataUri):
        text = "The file as a base64 data URI (RFC 2397); its declared media type is ignored."
        return {"description": text, "examples": [ONE_PIXEL]}
    if isinstance(field, Text):
        return {"maxLength": field.max_characters}
    return {}


def _attributes(schema: type[Schema]) -> dict[str, Any]:
    declared = schema.shared().fields.items()
    return {
        name: each for name, each in declared if name != "id" and not isinstance(each, Relationship)
    }


def _property(field: Any, converter: OpenAPIConverter) -> JsonSchema:  # noqa: ANN401 - any field
    found: JsonSchema = converter.field2property(field)
    # Reading and writing have schemas of their own.
    return {name: value for name, value in found.items() if name not in {"readOnly", "writeOnly"}}


def _or_null(schema: JsonSchema) -> JsonSchema:
    if "enum" in schema:
        schema = {**schema, "enum": [*schema["enum"], None]}
    if not isinstance(schema.get("type"), str):
        return schema
    return {**schema, "type": [schema["type"], "null"]}
