"""Query parameters and request headers (JSON:API 1.1, "Query Parameters"; RFC 9110)."""

from collections.abc import Mapping
from typing import Any

from open_event_uploads.jsonapi.include import MAX_DEPTH
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.settings import Settings

Parameter = dict[str, Any]
Schemas = Mapping[str, type[Schema]]

# The parameters of pages, by component name.
CURSOR_PAGES = ("pageSize", "pageAfter", "pageBefore")
PAGES = ("pageNumber", *CURSOR_PAGES)

_TAG = '"3-9a0364b9e99bb480dd"'


def shared_parameters(settings: Settings) -> dict[str, Parameter]:
    """Return the parameters that several operations share, by component name."""
    number = {"type": "integer", "minimum": 1, "maximum": 10**9, "default": 1}
    size = {**number, "maximum": settings.max_page_size, "default": settings.page_size}
    cursor = "{} this position: a resource's `meta.page.cursor` (Cursor Pagination profile)."
    return {
        "pageNumber": _query("page[number]", "A page, counted from 1; not with cursors.", number),
        "pageSize": _query("page[size]", "Resources on a page.", size),
        "pageAfter": _query("page[after]", cursor.format("After"), {"type": "string"}),
        "pageBefore": _query("page[before]", cursor.format("Before"), {"type": "string"}),
        "ifMatch": header("If-Match", "Only if the resource is still of this version.", _TAG),
        "ifNoneMatch": header("If-None-Match", "Only if it has changed since.", _TAG),
        "idempotencyKey": header(
            "Idempotency-Key",
            "A request that is sent again with its key is answered as the first time, and not "
            "run again.",
            "8e03978e-40d5-43dd-bc93-6894a57f9324",
        ),
    }


def include(schema: type[Schema], schemas: Schemas, first: str | None = None) -> list[Parameter]:
    """Describe `include`; every path begins with `first`, where that is given."""
    paths = [
        path
        for path in _paths(schema, schemas, MAX_DEPTH)
        if first in (None, path.partition(".")[0])
    ]
    text = "Paths of related resources to include."
    return [_list("include", text, paths)] if paths else []


def sparse_fields(schemas: Schemas) -> list[Parameter]:
    """Describe `fields[type]` of every type, since `include` may add any."""
    return [
        _list(f"fields[{type_}]", f"The only fields to show of `{type_}`.", sorted(names))
        for type_, schema in schemas.items()
        if (names := schema.public_names())
    ]


def sort(schema: type[Schema]) -> list[Parameter]:
    """Describe `sort`; nothing where the order is fixed."""
    keys = [f"{sign}{name}" for name in sorted(schema.sortable) for sign in ("", "-")]
    text = "The order, first key first; `-` before it for descending. Each at most once."
    return [_list("sort", text, keys)] if keys else []


def filters(schema: type[Schema]) -> list[Parameter]:
    """Describe `filter[attribute]` for each attribute."""
    return [
        _query(
            f"filter[{name}]",
            f"Only those whose `{name}` is one of these values, separated by commas.",
            {"type": "string", "minLength": 1},
        )
        for name in sorted(schema.filterable)
    ]


def path_parameters(patterns: Mapping[str, str]) -> list[Parameter]:
    """Describe the variables of an address by the regular expressions of their values."""
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{pattern}$"},
        }
        for name, pattern in patterns.items()
    ]


def _paths(schema: type[Schema], schemas: Schemas, depth: int) -> list[str]:
    found = []
    for name, relationship in schema.relationships().items() if depth else ():
        deeper = _paths(schemas[relationship.target], schemas, depth - 1)
        found += [name, *(f"{name}.{rest}" for rest in deeper)]
    return found


def _query(name: str, text: str, schema: dict[str, Any]) -> Parameter:
    return {"name": name, "in": "query", "description": text, "schema": schema}


def _list(name: str, text: str, values: list[str]) -> Parameter:
    schema = {
        "type": "array",
        "items": {"type": "string", "enum": values},
        "uniqueItems": True,
    }
    # `a,b`, not `a&name=b`.
    return {**_query(name, text, schema), "style": "form", "explode": False}


def header(name: str, text: str, example: str) -> Parameter:
    """Describe a request header."""
    schema = {"type": "string", "examples": [example]}
    return {"name": name, "in": "header", "description": text, "schema": schema}
