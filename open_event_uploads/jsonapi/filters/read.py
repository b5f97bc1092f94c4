"""`filter[attribute]=value,value`, `filter[attribute][gte]=value`, `filter[q]=words`."""

from collections.abc import Mapping

from open_event_uploads.errors import InvalidParameter
from open_event_uploads.jsonapi.filters.attributes import Attribute, Words
from open_event_uploads.jsonapi.filters.conditions import (
    AnyOf,
    Compared,
    Comparison,
    Filter,
    HasWords,
)
from open_event_uploads.jsonapi.filters.from_json import MAX_VALUES, JsonReader
from open_event_uploads.jsonapi.filters.words import read_words
from open_event_uploads.jsonapi.parameters import Family, spelled

_MAX_CONDITIONS = 20
_COMPARISONS: Mapping[str, Comparison] = {"gt": "gt", "gte": "ge", "lt": "lt", "lte": "le"}
_ATTRIBUTE_AND_COMPARISON = 2


def read_filters(family: Family, filterable: Mapping[str, Attribute | Words]) -> tuple[Filter, ...]:
    """Read the `filter` family.

    Returns:
        Conditions, all of which must hold.

    Raises:
        InvalidParameter: an attribute cannot be filtered by, a value is not one of its, or a
            limit is exceeded.
    """
    reader = JsonReader(filterable)
    found: list[Filter] = []
    for members, value in family.items():
        if members:
            found.append(_read_bracketed(members, value, filterable))
        else:
            found += reader.read(value)
    actual = len([members for members in family if members]) + reader.conditions
    InvalidParameter.raise_beyond(
        _MAX_CONDITIONS, actual, f"{_MAX_CONDITIONS} conditions are allowed.", parameter="filter"
    )
    return tuple(found)


def _read_bracketed(
    members: tuple[str, ...], value: str, filterable: Mapping[str, Attribute | Words]
) -> Filter:
    parameter = spelled("filter", members)
    attribute = filterable.get(members[0])
    if isinstance(attribute, Words) and len(members) == 1:
        return HasWords(read_words(value, parameter), attribute.search)
    if isinstance(attribute, Attribute) and len(members) == 1:
        return _read_any_of(attribute, value, parameter)
    if isinstance(attribute, Attribute) and len(members) == _ATTRIBUTE_AND_COMPARISON:
        comparison = _COMPARISONS.get(members[1])
        if attribute.ordered and comparison:
            return Compared(attribute.column, comparison, attribute.read(value, parameter))
    ordered = [
        name for name, each in filterable.items() if isinstance(each, Attribute) and each.ordered
    ]
    raise InvalidParameter(
        f"Filter by {', '.join(sorted(filterable))}, as in `filter[name]=value`; "
        f"{' and '.join(sorted(ordered)) or 'none'} also as in `filter[name][gte]=value` "
        f"({', '.join(_COMPARISONS)}).",
        parameter=parameter,
    )


def _read_any_of(attribute: Attribute, value: str, parameter: str) -> AnyOf:
    values = value.split(",")
    if "" in values:
        raise InvalidParameter(
            "A filter needs a value on each side of a comma.", parameter=parameter
        )
    InvalidParameter.raise_beyond(
        MAX_VALUES, len(values), f"A filter takes {MAX_VALUES} values.", parameter=parameter
    )
    read = dict.fromkeys(attribute.read(each, parameter) for each in values)
    return AnyOf(attribute.column, tuple(read))
