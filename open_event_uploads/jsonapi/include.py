"""The query parameter `include` (JSON:API 1.1, "Inclusion of Related Resources")."""

from collections.abc import Iterable, Mapping
from typing import Any

from open_event_uploads.errors import InvalidParameter
from open_event_uploads.jsonapi.parameters import Family, spelled
from open_event_uploads.jsonapi.schema import Schema

MAX_DEPTH = 3
_MAX_PATHS = 20

Path = tuple[str, ...]
Schemas = Mapping[str, type[Schema]]


def read_include(family: Family, schema: type[Schema], schemas: Schemas) -> tuple[Path, ...]:
    """Read the paths, each a tuple of relationship names.

    Raises:
        InvalidParameter: a step is no relationship, or a limit is exceeded.
    """
    if family.keys() - {()}:
        parameter = spelled("include", next(filter(None, family)))
        raise InvalidParameter("This parameter is not supported here.", parameter=parameter)
    paths = [tuple(path.split(".")) for path in dict.fromkeys(family[()].split(",")) if path]
    InvalidParameter.raise_beyond(
        _MAX_PATHS, len(paths), f"{_MAX_PATHS} paths are allowed.", parameter="include"
    )
    for path in paths:
        _check(path, schema, schemas)
    return tuple(paths)


def _check(path: Path, schema: type[Schema], schemas: Schemas) -> None:
    InvalidParameter.raise_beyond(
        MAX_DEPTH,
        len(path),
        f"A path leads {MAX_DEPTH} relationships deep at most.",
        parameter="include",
    )
    for step in path:
        relationship = schema.relationships().get(step)
        if relationship is None:
            raise InvalidParameter(
                f"`{schema.opts.type_}` has no relationship `{step[:100]}`.", parameter="include"
            )
        schema = schemas[relationship.target]


def follow(
    schema: type[Schema], objects: Iterable[Any], paths: Iterable[Path], schemas: Schemas
) -> dict[tuple[str, str], object]:
    """Return the objects that paths lead to, at every step, by type and id."""
    found: dict[tuple[str, str], object] = {}
    origins = list(objects)
    for path in paths:
        here, present = schema, origins
        for step in path:
            relationship = here.relationships()[step]
            related = [each for origin in present for each in relationship.related(origin)]
            present = list({each.id: each for each in related}.values())  # type: ignore[attr-defined]  # every resource has one
            found |= {(relationship.target, each.id): each for each in present}
            here = schemas[relationship.target]
    return found
