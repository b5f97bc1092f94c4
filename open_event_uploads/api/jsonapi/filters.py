"""`filter[attribute]=value,value`: the attribute is any of the values; several must all hold."""

from collections.abc import Mapping
from dataclasses import dataclass

from open_event_uploads.api.jsonapi.parameters import Family, spelled
from open_event_uploads.errors import InvalidParameter

_MAX_FILTERS = 20
_MAX_VALUES = 100


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition.

    Args:
        name: a field of the schema.
        values: it must have one of these.
    """

    name: str
    values: tuple[str, ...]


def read_filters(family: Family, filterable: Mapping[str, str]) -> tuple[Filter, ...]:
    """Read the `filter` family.

    Args:
        family: as sent.
        filterable: public name -> field name, of what may be filtered by.

    Raises:
        InvalidParameter: an attribute cannot be filtered by, or a bound is crossed.
    """
    if len(family) > _MAX_FILTERS:
        raise InvalidParameter(
            f"{_MAX_FILTERS} filters are allowed.",
            parameter="filter",
            limit=_MAX_FILTERS,
            actual=len(family),
        )
    return tuple(_read_filter(members, value, filterable) for members, value in family.items())


def _read_filter(members: tuple[str, ...], value: str, filterable: Mapping[str, str]) -> Filter:
    parameter = spelled("filter", members)
    name = filterable.get(members[0]) if len(members) == 1 else None
    if name is None:
        raise InvalidParameter(
            f"Filter by {', '.join(sorted(filterable))}, as in `filter[name]=value`.",
            parameter=parameter,
        )
    values = tuple(dict.fromkeys(value.split(",")))
    if "" in values:
        raise InvalidParameter(
            "A filter needs a value on each side of a comma.", parameter=parameter
        )
    if len(values) > _MAX_VALUES:
        raise InvalidParameter(
            f"A filter takes {_MAX_VALUES} values.",
            parameter=parameter,
            limit=_MAX_VALUES,
            actual=len(values),
        )
    return Filter(name, values)
