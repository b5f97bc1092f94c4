"""What a request asks for, in the documents' own (dasherized) names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import request

from open_event_uploads.errors import InvalidParameter, UnsupportedSort
from open_event_uploads.jsonapi.filters import Filter, read_filters
from open_event_uploads.jsonapi.include import Path, read_include
from open_event_uploads.jsonapi.negotiation import CURSOR_PAGINATION, wants_profile
from open_event_uploads.jsonapi.pagination import CursorPage, Limits, Page, read_page
from open_event_uploads.jsonapi.parameters import Family, Sent, by_family, sent_parameters, spelled

if TYPE_CHECKING:
    from open_event_uploads.jsonapi.schema import Schema

_COLLECTION = frozenset({"include", "fields", "sort", "filter", "page"})
_RELATED = frozenset({"include", "fields", "page"})
_RESOURCE = frozenset({"include", "fields"})
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an order.

    Args:
        name: a field of the schema.
        descending: largest first.
    """

    name: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A request's query string, read; stands where the library's query string manager stood.

    Args:
        sent: the parameters as they came, for links that repeat them.
        fields: type -> the public names wanted of it; a type that is absent is wanted whole.
        filters: conditions, all of which must hold.
        sorting: the order of a collection.
        pagination: which part of a collection.
        include: paths of related resources; None where the client did not ask, which is not the
            same as asking for none.
    """

    sent: Sent
    fields: Mapping[str, frozenset[str]]
    filters: tuple[Filter, ...] = ()
    sorting: tuple[SortKey, ...] = ()
    pagination: Page | CursorPage = field(default_factory=Page)
    include: tuple[Path, ...] | None = None


_NOTHING_ASKED = Query((), {})


def read_collection_query(
    schema: type["Schema"], schemas: Mapping[str, type["Schema"]], limits: Limits
) -> Query:
    """Read the query string of a request for a collection.

    Args:
        schema: of the collection.
        schemas: of each type.
        limits: of the page.

    Raises:
        InvalidParameter: a parameter is unknown, repeated or malformed; names it.
    """
    by_cursor = wants_profile(CURSOR_PAGINATION)
    asked = (schema, limits, by_cursor, request.query_string)
    found = KNOWN.get(asked)
    if found is None:
        found = _read_collection(schema, schemas, limits, by_cursor=by_cursor)
        _remember(asked, found)
    return found


def _read_collection(
    schema: type["Schema"],
    schemas: Mapping[str, type["Schema"]],
    limits: Limits,
    *,
    by_cursor: bool,
) -> Query:
    sent = sent_parameters()
    families = by_family(sent, _COLLECTION)
    sorting = _read_sort(
        families.get("sort", {}), schema, UnsupportedSort if by_cursor else InvalidParameter
    )
    return Query(
        sent,
        _read_fields(families.get("fields", {}), schemas),
        filters=read_filters(families.get("filter", {}), schema.filterable),
        sorting=sorting,
        pagination=read_page(families.get("page", {}), limits, sorting, by_cursor=by_cursor),
        include=_read_include(families, schema, schemas),
    )


# Clients ask the same again and again, and what a query string means never changes: schemas are
# those of the program. Only cursors are signed, with keys that do.
KNOWN: dict[tuple[object, ...], Query] = {}
_MAX_KNOWN = 256
_MAX_KNOWN_BYTES = 200


def _remember(asked: tuple[type["Schema"], Limits, bool, bytes], found: Query) -> None:
    page = found.pagination
    has_cursor = isinstance(page, CursorPage) and (page.after or page.before)
    if has_cursor or len(asked[-1]) > _MAX_KNOWN_BYTES:
        return
    if len(KNOWN) >= _MAX_KNOWN:
        KNOWN.clear()
    KNOWN[asked] = found


def read_related_query(
    schema: type["Schema"], schemas: Mapping[str, type["Schema"]], limits: Limits
) -> Query:
    """Read the query string of a request for the resources that a relationship leads to.

    They are few and in an order of their own, so pages have numbers and nothing is sorted.

    Raises:
        InvalidParameter: a parameter is unknown, repeated or malformed; names it.
    """
    sent = sent_parameters()
    families = by_family(sent, _RELATED)
    page = families.get("page", {})
    if cursor := page.keys() & {("after",), ("before",)}:
        raise InvalidParameter(
            "These pages have numbers only.", parameter=spelled("page", min(cursor))
        )
    return Query(
        sent,
        _read_fields(families.get("fields", {}), schemas),
        pagination=read_page(page, limits, (), by_cursor=False),
        include=_read_include(families, schema, schemas),
    )


def read_resource_query(schema: type["Schema"], schemas: Mapping[str, type["Schema"]]) -> Query:
    """Read the query string of a request for one resource.

    Raises:
        InvalidParameter: a parameter is unknown, repeated or malformed; names it.
    """
    if not request.query_string:
        return _NOTHING_ASKED
    sent = sent_parameters()
    families = by_family(sent, _RESOURCE)
    return Query(
        sent,
        _read_fields(families.get("fields", {}), schemas),
        include=_read_include(families, schema, schemas),
    )


def _read_include(
    families: Mapping[str, Family], schema: type["Schema"], schemas: Mapping[str, type["Schema"]]
) -> tuple[Path, ...] | None:
    return read_include(families["include"], schema, schemas) if "include" in families else None


def refuse_parameters() -> Query:
    """Read the query string of a request that understands none but may carry others' own.

    Raises:
        InvalidParameter: there is one.
    """
    sent = sent_parameters()
    by_family(sent, _NOTHING)
    return Query(sent, {})


def _read_fields(
    family: Family, schemas: Mapping[str, type["Schema"]]
) -> dict[str, frozenset[str]]:
    wanted = {}
    for members, value in family.items():
        parameter = spelled("fields", members)
        schema = schemas.get(members[0]) if len(members) == 1 else None
        if schema is None:
            raise InvalidParameter("There is no such type.", parameter=parameter)
        names = frozenset(filter(None, value.split(",")))
        if unknown := names - schema.public_names().keys():
            raise InvalidParameter(
                f"`{members[0]}` has no field `{min(unknown)[:100]}`.", parameter=parameter
            )
        wanted[members[0]] = names
    return wanted


def _read_sort(
    family: Family, schema: type["Schema"], refusal: type[InvalidParameter]
) -> tuple[SortKey, ...]:
    if not family:
        return schema.default_sort
    if family.keys() != {()}:
        parameter = spelled("sort", next(filter(None, family)))
        raise InvalidParameter("This parameter is not supported here.", parameter=parameter)
    keys: list[SortKey] = []
    for item in family[()].split(","):
        name = schema.sortable.get(item.removeprefix("-"))
        if name is None or name in {key.name for key in keys}:
            raise refusal(
                f"Sort by each of {', '.join(sorted(schema.sortable))} at most once, "
                "with `-` before it for descending.",
                parameter="sort",
            )
        keys.append(SortKey(name, descending=item.startswith("-")))
    return tuple(keys)
