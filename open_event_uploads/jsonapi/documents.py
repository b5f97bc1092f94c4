"""Check the shape of a document before a schema reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from open_event_uploads.errors import (
    ClientGeneratedId,
    IdConflict,
    InvalidAttribute,
    InvalidDocument,
    TypeConflict,
    UploadsError,
)
from open_event_uploads.jsonapi.json_pointer import escape_pointer, pointer_along


@dataclass(frozen=True, slots=True)
class ResourceObject:
    """A resource object that a client sent, and the whole document to point into.

    Each of the relationships that a schema knows is an object.
    """

    attributes: dict[str, Any]
    relationships: dict[str, Any]
    document: dict[str, Any]

    def pointer_to(self, attribute: str) -> str:
        """Return the JSON Pointer to an attribute, as far as its members exist."""
        return pointer_along(self.document, ("data", "attributes", attribute))


@contextmanager
def pointing_into(resource: ResourceObject) -> Iterator[None]:
    """Add the JSON Pointer to the error about an attribute that a use case refuses."""
    try:
        yield
    except UploadsError as error:
        # Whatever its status: a 403 or a 409 may be about an attribute, too.
        if error.pointer is None and (error.attribute or isinstance(error, InvalidAttribute)):
            error.pointer = resource.pointer_to(error.attribute or "")
        raise


def read_resource(document: object, *, type_: str, id_: str | None = None) -> ResourceObject:
    """Return the resource object in a document; where `id_` is None, the server chooses one.

    `lid`, `meta` and `links` are allowed and ignored, as 1.1 demands.

    Raises:
        InvalidDocument: the document has not one resource object.
        TypeConflict, IdConflict: it has another type or id.
        ClientGeneratedId: a new resource has an id.
    """
    if not isinstance(document, dict):
        raise InvalidDocument("The document must be an object.", pointer="")
    if "data" not in document:
        raise InvalidDocument("The document needs a `data` member.", pointer="")
    if "errors" in document:
        raise InvalidDocument("`data` and `errors` exclude each other.", pointer="/errors")
    resource = document["data"]
    if not isinstance(resource, dict):
        raise InvalidDocument("`data` must be one resource object.", pointer="/data")
    _check_type(resource, type_)
    _check_id(resource, id_)
    for member in ("attributes", "relationships"):
        if not isinstance(resource.get(member, {}), dict):
            raise InvalidDocument(f"`{member}` must be an object.", pointer=f"/data/{member}")
    _check_relationships(resource.get("relationships", {}))
    return ResourceObject(
        resource.get("attributes", {}), resource.get("relationships", {}), document
    )


def _check_relationships(relationships: dict[str, Any]) -> None:
    for name, relationship in relationships.items():
        # An @-member and an extension's member are none ("Member Names").
        if not isinstance(relationship, dict) and not (name.startswith("@") or ":" in name):
            pointer = f"/data/relationships/{escape_pointer(name)}"
            raise InvalidDocument("A relationship must be an object.", pointer=pointer)


def _check_type(resource: dict[str, Any], type_: str) -> None:
    if "type" not in resource:
        raise InvalidDocument("A resource object needs a `type`.", pointer="/data")
    if not isinstance(resource["type"], str):
        raise InvalidDocument("`type` must be a string.", pointer="/data/type")
    if resource["type"] != type_:
        raise TypeConflict(f"This collection holds `{type_}`.", pointer="/data/type")


def _check_id(resource: dict[str, Any], id_: str | None) -> None:
    if not isinstance(resource.get("lid", ""), str):
        raise InvalidDocument("`lid` must be a string.", pointer="/data/lid")
    # Ember Data sends `"id": null` with a new record.
    sent = resource.get("id")
    if sent is not None and not isinstance(sent, str):
        raise InvalidDocument("`id` must be a string.", pointer="/data/id")
    if id_ is None and sent is not None:
        raise ClientGeneratedId("The server chooses the id.", pointer="/data/id")
    if id_ is not None and sent is None:
        raise InvalidDocument("The resource object needs its `id`.", pointer="/data")
    if id_ is not None and sent != id_:
        raise IdConflict("The id is not the one in the address.", pointer="/data/id")
