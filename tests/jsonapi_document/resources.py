""" "Resource Objects" and "Resource Identifier Objects"."""

from tests.jsonapi_document.links import PAGINATION, check_links
from tests.jsonapi_document.names import is_name
from tests.jsonapi_document.node import Node, check_meta


def check_resource(node: Node) -> None:
    """ "Resource Objects"; in a response each has its `id`, and no `lid` instead of it."""
    known = ("type", "id", "attributes", "relationships", "links", "meta")
    members = node.members(*known, required=["type", "id"])
    _check_identification(members)
    fields: set[str] = set()
    for kind in ("attributes", "relationships"):
        if kind in members:
            _check_fields(members[kind], fields)
    if "relationships" in members:
        for relationship in members["relationships"].members().values():
            _check_relationship(relationship)
    if "links" in members:
        # "Resource Links" defines `self` alone.
        check_links(members["links"], "self")
    check_meta(members)


def check_linkage(node: Node) -> None:
    """ "Resource Linkage": `null`, an identifier, or an array of identifiers."""
    if node.value is None:
        return
    for each in node.items() if isinstance(node.value, list) else [node]:
        _check_identifier(each)


def _check_identifier(node: Node) -> None:
    """ "Resource Identifier Objects"."""
    members = node.members("type", "id", "meta", required=["type", "id"])
    _check_identification(members)
    check_meta(members)


def _check_identification(members: dict[str, Node]) -> None:
    """ "Identification": strings; a type is named as a member is."""
    members["id"].text()
    if not is_name(members["type"].text()):
        members["type"].refuse("this is not a type's name")


def _check_fields(node: Node, seen: set[str]) -> None:
    """ "Fields": "MUST share a common namespace with each other and with `type` and `id`"."""
    for name, field in node.members().items():
        if name in {"type", "id"} | seen:
            field.refuse("the fields of a resource share a namespace with `type` and `id`")
        seen.add(name)


def _check_relationship(node: Node) -> None:
    """ "Relationships", "relationship object"."""
    members = node.members("links", "data", "meta")
    node.one_of("links", "data", "meta")
    if "data" in members:
        check_linkage(members["data"])
    if "links" in members:
        # "A relationship object that represents a to-many relationship MAY also contain
        # pagination links"; without linkage either kind is possible.
        to_many = "data" not in members or isinstance(members["data"].value, list)
        check_links(members["links"], "self", "related", *(PAGINATION if to_many else ()))
        members["links"].one_of("self", "related")
    check_meta(members)
