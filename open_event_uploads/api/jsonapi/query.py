"""What a request asks for, in the documents' own (dasherized) names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from open_event_uploads.api.jsonapi.filters import Filter, read_filters
from open_event_uploads.api.jsonapi.pagination import Page, read_page
from open_event_uploads.api.jsonapi.parameters import Family, by_family, sent_parameters, spelled
from open_event_uploads.errors import InvalidParameter

if TYPE_CHECKING:
    from open_event_uploads.api.jsonapi.schema import Schema

_COLLECTION = frozenset({"fields", "sort", "filter", "page"})
_RESOURCE = frozenset({"fields"})
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
        include: paths of related resources.
    """

    sent: list[tuple[str, str]]
    fields: Mapping[str, frozenset[str]]
    filters: tuple[Filter, ...] = ()
    sorting: tuple[SortKey, ...] = ()
    pagination: Page = field(default_factory=Page)
    include: tuple[str, ...] = ()


def read_collection_query(
    schema: type["Schema"],
    schemas: Mapping[str, type["Schema"]],
    *,
    page_size: int,
    max_page_size: int,
) -> Query:
    """Read the query string of a request for a collection.

    Args:
        schema: of the collection.
        schemas: every type that `fields` may name.
        page_size: resources on a page when the client does not say.
        max_page_size: the most it may say.

    Raises:
        InvalidParameter: a parameter is unknown, repeated or malformed; names it.
    """
    sent = sent_parameters()
    families = by_family(sent, _COLLECTION)
    return Query(
        sent,
        _read_fields(families.get("fields", {}), schemas),
        filters=read_filters(families.get("filter", {}), schema.filterable),
        sorting=_read_sort(families.get("sort", {}), schema),
        pagination=read_page(families.get("page", {}), page_size, max_page_size),
    )


def read_resource_query(schemas: Mapping[str, type["Schema"]]) -> Query:
    """Read the query string of a request for one resource.

    Raises:
        InvalidParameter: a parameter is unknown, repeated or malformed; names it.
    """
    sent = sent_parameters()
    return Query(sent, _read_fields(by_family(sent, _RESOURCE).get("fields", {}), schemas))


def refuse_parameters() -> None:
    """Read the query string of a request that understands none.

    Raises:
        InvalidParameter: there is one.
    """
    by_family(sent_parameters(), _NOTHING)


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


def _read_sort(family: Family, schema: type["Schema"]) -> tuple[SortKey, ...]:
    if not family:
        return schema.default_sort
    if family.keys() != {()}:
        parameter = spelled("sort", next(filter(None, family)))
        raise InvalidParameter("This parameter is not supported here.", parameter=parameter)
    keys: list[SortKey] = []
    for item in family[()].split(","):
        name = schema.sortable.get(item.removeprefix("-"))
        if name is None or name in {key.name for key in keys}:
            raise InvalidParameter(
                f"Sort by each of {', '.join(sorted(schema.sortable))} at most once, "
                "with `-` before it for descending.",
                parameter="sort",
            )
        keys.append(SortKey(name, descending=item.startswith("-")))
    return tuple(keys)
