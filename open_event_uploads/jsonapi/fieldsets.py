"""The query parameters that name fields of schemas: `fields[type]` and `sort`."""

from collections.abc import Mapping

from open_event_uploads.errors import InvalidParameter
from open_event_uploads.jsonapi.parameters import Family, spelled
from open_event_uploads.jsonapi.schema import Schema
from open_event_uploads.jsonapi.sort_key import Sorting, SortKey


def read_fieldsets(
    family: Family, schemas: Mapping[str, type[Schema]]
) -> dict[str, frozenset[str]]:
    """Read the `fields` family (JSON:API 1.1, "Sparse Fieldsets").

    Returns:
        The public names that are wanted of each type that is named.

    Raises:
        InvalidParameter: there is no such type or field.
    """
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


def read_sorting(family: Family, schema: type[Schema], refusal: type[InvalidParameter]) -> Sorting:
    """Read the `sort` parameter (JSON:API 1.1, "Sorting").

    Raises:
        InvalidParameter: an attribute cannot be sorted by, or is named twice: `refusal`, as the
            Cursor Pagination profile has an error of its own.
    """
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
