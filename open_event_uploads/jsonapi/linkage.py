"""Check the linkage in a resource object that a client sent (JSON:API 1.1, "Resource Linkage").

Only the server changes relationships, so linkage has no effect; but one that refers to a resource
that does not exist is refused ("Creating Resources" and "Updating Resources": 404).
"""

from collections.abc import Iterator
from typing import Any

from open_event_uploads.current import current_application
from open_event_uploads.errors import InvalidDocument, NotFound, TypeConflict
from open_event_uploads.jsonapi.api import layers_by_type
from open_event_uploads.jsonapi.documents import ResourceObject
from open_event_uploads.jsonapi.fields import Relationship
from open_event_uploads.jsonapi.schema import Schema

_MAX_IDENTIFIERS = 100


def check_linkage(resource: ResourceObject, schema: type[Schema]) -> None:
    """Check the linkage of every relationship in the schema.

    Raises:
        InvalidDocument: it has not the shape of linkage.
        TypeConflict: it names another type than the relationship has.
        NotFound: there is no such resource.
    """
    for name, relationship in schema.relationships().items():
        sent, pointer = resource.relationships.get(name, {}), f"/data/relationships/{name}/data"
        # Clients echo relationships that they never loaded, with links alone.
        if "data" in sent:
            for place, identifier in _identifiers(sent["data"], relationship, pointer):
                _check_identifier(identifier, relationship, place)


def _identifiers(
    linkage: object, relationship: Relationship, pointer: str
) -> Iterator[tuple[str, object]]:
    if relationship.to_many != isinstance(linkage, list):
        kind = "an array" if relationship.to_many else "null or an object"
        raise InvalidDocument(f"The linkage of this relationship is {kind}.", pointer=pointer)
    if not isinstance(linkage, list):
        if linkage is not None:
            yield pointer, linkage
        return
    InvalidDocument.raise_beyond(
        _MAX_IDENTIFIERS,
        len(linkage),
        f"Linkage of {_MAX_IDENTIFIERS} resources is allowed.",
        pointer=pointer,
    )
    for number, identifier in enumerate(linkage):
        yield f"{pointer}/{number}", identifier


def _check_identifier(identifier: Any, relationship: Relationship, pointer: str) -> None:  # noqa: ANN401 - JSON
    if not isinstance(identifier, dict):
        raise InvalidDocument("A resource identifier must be an object.", pointer=pointer)
    for name in ("type", "id", "lid"):
        if not isinstance(identifier.get(name, ""), str):
            raise InvalidDocument(f"`{name}` must be a string.", pointer=f"{pointer}/{name}")
    if "type" not in identifier or not identifier.keys() & {"id", "lid"}:
        raise InvalidDocument("A resource identifier has a `type` and an `id`.", pointer=pointer)
    if identifier["type"] != relationship.target:
        raise TypeConflict(
            f"This relationship leads to `{relationship.target}`.", pointer=f"{pointer}/type"
        )
    # A `lid` can only name the resource of this request, which is related to nothing here.
    try:
        layer = layers_by_type(current_application())[relationship.target]
        layer.get_shown(identifier.get("id", ""))
    except NotFound as error:
        error.pointer = pointer
        raise
