""" "Resource Objects" and "Resource Identifier Objects"."""

from tests.jsonapi_document.links import PAGINATION, check_links
from tests.jsonapi_document.names import is_name
from tests.jsonapi_document.node import Node, check_meta


def check_resource(node: Node, *, sent: bool = False, new: bool = False) -> None:
    """ "Resource Objects"; in a response each has its `id`, and no `lid` instead of it.

    Args:
        node: the resource object.
        sent: whether it is in a request.
        new: whether the request creates it.
    """
    known = ("type", "id", "attributes", "relationships", "links", "meta")
    required = ["type"] if new else ["type", "id"]
    members = node.members(*known, *(["lid"] if new else []), required=required)
    _check_identification(members)
    fields: set[str] = set()
    for kind in ("attributes", "relationships"):
        if kind in members:
            _check_fields(members[kind], fields)
    if "relationships" in members:
        for relationship in members["relationships"].members().values():
            _check_relationship(relationship, sent=sent)
    if "links" in members:
        # "Resource Links" defines `self` alone.
        check_links(members["links"], "self")
    check_meta(members)


def check_linkage(node: Node, *, sent: bool = False) -> None:
    """ "Resource Linkage": `null`, an identifier, or an array of identifiers.

    "Updating To-Many Relationships": a `type` and `id` that is there is not added again, so no
    resource is in a relationship twice.
    """
    if node.value is None:
        return
    seen = []
    for each in node.items() if isinstance(node.value, list) else [node]:
        _check_identifier(each, sent=sent)
        identity = [each.value.get(name) for name in ("type", "id", "lid")]
        if identity in seen:
            each.refuse("this resource is in the relationship already")
        seen.append(identity)


def _check_identifier(node: Node, *, sent: bool) -> None:
    """ "Resource Identifier Objects": only a client has a `lid`, for what is new."""
    by_lid = sent and isinstance(node.value, dict) and "id" not in node.value
    name = "lid" if by_lid and "lid" in node.value else "id"
    members = node.members(
        "type", "id", "meta", *(["lid"] if sent else []), required=["type", name]
    )
    _check_identification(members)
    check_meta(members)


def _check_identification(members: dict[str, Node]) -> None:
    """ "Identification": strings; a type is named as a member is."""
    for name in ("id", "lid"):
        if name in members:
            members[name].text()
    if not is_name(members["type"].text()):
        members["type"].refuse("this is not a type's name")


def _check_fields(node: Node, seen: set[str]) -> None:
    """ "Fields": "MUST share a common namespace with each other and with `type` and `id`"."""
    for name, field in node.members().items():
        if name in {"type", "id"} | seen:
            field.refuse("the fields of a resource share a namespace with `type` and `id`")
        seen.add(name)


def _check_relationship(node: Node, *, sent: bool) -> None:
    """ "Relationships", "relationship object"; with `data` in a request ("Creating Resources")."""
    members = node.members("links", "data", "meta", required=["data"] if sent else [])
    node.one_of("links", "data", "meta")
    if "data" in members:
        check_linkage(members["data"], sent=sent)
    if "links" in members:
        # "A relationship object that represents a to-many relationship MAY also contain
        # pagination links"; without linkage either kind is possible.
        to_many = "data" not in members or isinstance(members["data"].value, list)
        check_links(members["links"], "self", "related", *(PAGINATION if to_many else ()))
        members["links"].one_of("self", "related")
    check_meta(members)
