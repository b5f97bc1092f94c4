"""Read the query string of a request."""

from collections.abc import Mapping
from dataclasses import replace

from open_event_uploads.current import current_application, current_request
from open_event_uploads.errors import InvalidParameter, UnsupportedSort
from open_event_uploads.jsonapi.api import schemas_by_type
from open_event_uploads.jsonapi.fieldsets import read_fieldsets, read_sorting
from open_event_uploads.jsonapi.filters import read_filters
from open_event_uploads.jsonapi.include import read_include
from open_event_uploads.jsonapi.negotiation import (
    CURSOR_PAGINATION,
    apply_profile,
    apply_profile_if_asked,
)
from open_event_uploads.jsonapi.page import CursorPage, PageLimits, has_cursor, read_page
from open_event_uploads.jsonapi.parameters import Family, by_family, sent_parameters, spelled
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.jsonapi.schema import Schema

_COLLECTION = frozenset({"include", "fields", "sort", "filter", "page"})
_RELATED = frozenset({"include", "fields", "sort", "page"})
_RESOURCE = frozenset({"include", "fields"})

_EMPTY = Query((), {})


def read_collection_query(schema: type[Schema], limits: PageLimits) -> Query:
    """Read the query string of a request for a collection.

    Raises:
        InvalidParameter: a parameter is unknown, repeated or malformed; names it.
    """
    asked = apply_profile_if_asked(CURSOR_PAGINATION)
    key = (schema, limits, asked, current_request().query_string)
    found = CACHE.get(key)
    if found is None:
        found = _read_collection(schema, limits, asked=asked)
        _cache(key, found)
    return found


def _read_collection(schema: type[Schema], limits: PageLimits, *, asked: bool) -> Query:
    query, families = _read_shown(schema, _COLLECTION)
    page = families.get("page", {})
    by_cursor = asked or has_cursor(page)
    if by_cursor:
        apply_profile(CURSOR_PAGINATION)
    sorting = read_sorting(
        families.get("sort", {}), schema, UnsupportedSort if by_cursor else InvalidParameter
    )
    return replace(
        query,
        filters=read_filters(families.get("filter", {}), schema.filterable),
        sorting=sorting,
        pagination=read_page(page, limits, sorting, by_cursor=by_cursor),
    )


def _read_shown(schema: type[Schema], known: frozenset[str]) -> tuple[Query, Mapping[str, Family]]:
    """Read which fields and related resources are to be shown, and return all families."""
    sent, schemas = sent_parameters(), schemas_by_type(current_application())
    families = by_family(sent, known)
    include = read_include(families["include"], schema, schemas) if "include" in families else None
    return Query(
        sent, read_fieldsets(families.get("fields", {}), schemas), include=include
    ), families


# Clients send the same query strings again, and their meaning never changes, unless they hold a
# cursor: the keys that sign it do.
CACHE: dict[tuple[object, ...], Query] = {}
_MAX_CACHE = 256
_MAX_CACHE_BYTES = 200


def _cache(key: tuple[type[Schema], PageLimits, bool, bytes], found: Query) -> None:
    page = found.pagination
    has_cursor = isinstance(page, CursorPage) and (page.after or page.before)
    if has_cursor or len(key[-1]) > _MAX_CACHE_BYTES:
        return
    if len(CACHE) >= _MAX_CACHE:
        CACHE.clear()
    CACHE[key] = found


def read_related_query(schema: type[Schema], limits: PageLimits) -> Query:
    """Read the query string of a request for the resources that a relationship leads to.

    Raises:
        InvalidParameter: a parameter is unknown, repeated or malformed; names it.
    """
    return _read_ordered_by_id(schema, limits, has_numbers=True)


def read_linkage_query(schema: type[Schema], limits: PageLimits) -> Query:
    """Read the query string of a request for the linkage of a to-many relationship.

    Its pages have cursors; without any parameter of the family `page` it is whole.

    Raises:
        InvalidParameter: a parameter is unknown, repeated or malformed; names it.
    """
    return _read_ordered_by_id(schema, limits, has_numbers=False)


def _read_ordered_by_id(schema: type[Schema], limits: PageLimits, *, has_numbers: bool) -> Query:
    """Read the query string of a request for a list that is in the order of the ids.

    Args:
        schema: of the items, or of the resource whose linkage it is.
        limits: of a page.
        has_numbers: whether pages may have numbers; if not, any parameter of the family `page`
            asks for pages between cursors.
    """
    asked = apply_profile_if_asked(CURSOR_PAGINATION)
    query, families = _read_shown(schema, _RELATED)
    page = families.get("page", {})
    by_cursor = asked or (has_cursor(page) if has_numbers else bool(page))
    if by_cursor:
        apply_profile(CURSOR_PAGINATION)
    if "sort" in families:
        refusal = UnsupportedSort if by_cursor else InvalidParameter
        parameter = spelled("sort", next(iter(families["sort"])))
        raise refusal("This list is in the order of the ids.", parameter=parameter)
    return replace(query, pagination=read_page(page, limits, (), by_cursor=by_cursor))


def read_resource_query(schema: type[Schema]) -> Query:
    """Read the query string of a request for one resource.

    Raises:
        InvalidParameter: a parameter is unknown, repeated or malformed; names it.
    """
    return _read_shown(schema, _RESOURCE)[0] if current_request().query_string else _EMPTY


def refuse_parameters() -> Query:
    """Refuse every parameter that the specification reserves.

    Raises:
        InvalidParameter: there is one, or a malformed name.
    """
    sent = sent_parameters()
    by_family(sent, frozenset())
    return Query(sent, {})
