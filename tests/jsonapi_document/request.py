""" "Creating, Updating and Deleting Resources": the document of a request."""

from tests.jsonapi_document.answer import path_of
from tests.jsonapi_document.json_text import decode
from tests.jsonapi_document.links import check_links
from tests.jsonapi_document.names import check_names
from tests.jsonapi_document.node import Node, check_meta
from tests.jsonapi_document.resources import check_linkage, check_resource


def check_request(method: str, url: str, body: bytes) -> None:
    """Refuse a document that a client must not send; none of its extensions are known here.

    Args:
        method: POST, PATCH or DELETE.
        url: of a collection, a resource or a relationship.
        body: of the request.

    Raises:
        AssertionError: it breaks a rule; the text begins with a JSON Pointer to the place.
    """
    root = decode(body)
    check_names(root, [])
    root = root.without_at_members()
    members = root.members("data", "meta", "jsonapi", "links", "included", required=["data"])
    check_meta(members)
    if "links" in members:
        check_links(members["links"])
    if "jsonapi" in members:
        check_meta(members["jsonapi"].members("version", "ext", "profile", "meta"))
    _check_data(members["data"], method, url)


def _check_data(data: Node, method: str, url: str) -> None:
    if "relationships" not in path_of(url):
        check_resource(data, sent=True, new=method == "POST")
        return
    if method != "PATCH":
        # "Updating To-Many Relationships": only their members are added and removed.
        data.items()
    check_linkage(data, sent=True)
