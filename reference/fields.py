"""Describe the attributes of every resource: their types, and which of them clients write."""

from collections.abc import Iterator
from typing import Any

from reference.application import description
from reference.table import table

_PAGE = """# Fields

Look up the type of each attribute, and whether you may write it. On PATCH, null keeps the value unless the row says otherwise. If you send an attribute that only the server writes, it is ignored. `media-type`, `size` and `checksum` of a new upload announce a [direct upload](../how-to/direct-uploads.md).

Made from the schemas, and for uploads from [`fields.py`](../../open_event_uploads/uploads/fields.py), by `python -m reference`.
"""

_HEAD = ("attribute", "type", "you may write it", "meaning")
_FORMATS = {"date-time": "time (RFC 3339)", "uri": "address"}
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "array": "list",
    "object": "object",
    "number": "number",
}


def fields_page() -> str:
    """Return the page of all attributes, in Markdown."""
    schemas = description()["components"]["schemas"]
    types = [name.removesuffix("Resource") for name in schemas if name.endswith("Resource")]
    return "\n".join([_PAGE, *(_section(type_, schemas) for type_ in types)])


def _section(type_: str, schemas: dict[str, Any]) -> str:
    new, changed = (
        set(_properties(schemas.get(f"{type_}{part}", {}))) for part in ("New", "Change")
    )
    shown = schemas[f"{type_}Attributes"]["properties"]
    only_written = {
        name: schema
        for part in ("New", "Change")
        for name, schema in _properties(schemas.get(f"{type_}{part}", {})).items()
        if name not in shown
    }
    rows = [
        [f"`{name}`", _type(each), _written(name, new, changed), each.get("description", "")]
        for name, each in {**shown, **only_written}.items()
    ]
    return f"## `{type_.lower()}`\n\n{table(_HEAD, rows)}\n"


def _properties(document: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes that a document of this kind may have, of all its forms together."""
    if not document:
        return {}
    attributes = document["properties"]["data"]["properties"]["attributes"]
    forms = attributes.get("anyOf", [attributes])
    return {name: schema for form in forms for name, schema in form["properties"].items()}


def _written(name: str, new: set[str], changed: set[str]) -> str:
    if name in new and name in changed:
        return "yes"
    if name in new:
        return "on POST"
    return "on PATCH" if name in changed else ""


def _type(schema: dict[str, Any]) -> str:
    return " or ".join(_types(schema)) + _bounds(schema)


def _types(schema: dict[str, Any]) -> Iterator[str]:
    if "enum" in schema:
        yield from (f"`{word}`" for word in schema["enum"] if word is not None)
        return
    named = schema.get("type", [])
    for each in [named] if isinstance(named, str) else named:
        if each == "null":
            yield "null"
        else:
            yield _FORMATS.get(schema.get("format", ""), _TYPES[each])


def _bounds(schema: dict[str, Any]) -> str:
    return f", at most {schema['maxLength']:,} characters" if "maxLength" in schema else ""
