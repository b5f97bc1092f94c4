""" "Top Level"."""

from urllib.parse import parse_qsl, unquote, urlsplit

from tests.jsonapi_document.answer import ATOMIC, Answer
from tests.jsonapi_document.compound import check_compound
from tests.jsonapi_document.errors import check_errors
from tests.jsonapi_document.http import check_primary_data_fits
from tests.jsonapi_document.links import PAGINATION, check_links, href_of
from tests.jsonapi_document.names import RESULTS
from tests.jsonapi_document.node import Node, check_meta
from tests.jsonapi_document.resources import check_linkage, check_resource


def check_document(root: Node, answer: Answer) -> None:
    """A document without its @-members."""
    members = root.members("data", "errors", "meta", "jsonapi", "links", "included")
    root.one_of("data", "errors", "meta")
    if members.keys() >= {"data", "errors"}:
        root.refuse("`data` and `errors` cannot stand together")
    if "included" in members and "data" not in members:
        members["included"].refuse("`included` stands only beside `data`")
    if ("errors" in members) != (answer.status >= 400):
        root.refuse(f"{answer.status} and {'an' if 'errors' in members else 'no'} errors document")
    check_meta(members)
    if "jsonapi" in members:
        _check_jsonapi(members["jsonapi"], answer)
    if "errors" in members:
        check_errors(members["errors"], answer)
    _check_data(members, answer)
    _check_results(members, answer)
    if "links" in members:
        _check_top_links(members["links"], members.get("data"), answer)


def _check_jsonapi(node: Node, answer: Answer) -> None:
    """ "JSON:API Object": the version, and the URIs that the Content-Type's parameters name."""
    members = node.members("version", "ext", "profile", "meta")
    if "version" in members and members["version"].text() != "1.1":
        members["version"].refuse("is not 1.1")
    for name, applied in (("ext", answer.extensions), ("profile", answer.profiles)):
        named = [each.text() for each in members[name].items()] if name in members else []
        if named != applied:
            members.get(name, node).refuse(f"{name} {named} is not the Content-Type's {applied}")
    check_meta(members)


def _check_data(members: dict[str, Node], answer: Answer) -> None:
    """Primary data: one or `null`, or an array; linkage at a relationship's address."""
    data, included = members.get("data"), members.get("included")
    if data is None:
        return
    check = check_linkage if answer.about_relationship else check_resource
    primary = _each(data)
    for node in primary:
        check(node)
    for node in included.items() if included else []:
        check_resource(node)
    check_primary_data_fits(data, answer)
    check_compound(primary, included, answer)


def _each(data: Node) -> list[Node]:
    if data.value is None:
        return []
    return data.items() if isinstance(data.value, list) else [data]


def _check_results(members: dict[str, Node], answer: Answer) -> None:
    """Atomic Operations, "Document Structure" and "Result Objects"."""
    if ATOMIC not in answer.extensions:
        return
    for name, member in members.items():
        if name in {"data", "included"}:
            member.refuse("the atomic extension's documents do not have this member")
    if RESULTS not in members:
        return
    if "errors" in members:
        members["errors"].refuse(f"`errors` and `{RESULTS}` cannot stand together")
    results = members[RESULTS].items()
    if not results:
        members[RESULTS].refuse("needs one or more result objects")
    for result in results:
        parts = result.members("data", "meta")
        for node in _each(parts["data"]) if "data" in parts else []:
            check_resource(node)
        check_meta(parts)


def _check_top_links(node: Node, data: Node | None, answer: Answer) -> None:
    """ "Top Level" links; "Pagination": only where there is a collection."""
    collection = data is not None and isinstance(data.value, list)
    pagination = PAGINATION if collection else ()
    links = check_links(node, "self", "related", "describedby", *pagination)
    if "self" in links and answer.method == "GET" and answer.success:
        _check_self(links["self"], answer)


def _check_self(link: Node, answer: Answer) -> None:
    """`self`: "the link that generated the current response document".

    "[It] must contain the query parameters provided by the client to generate the response".
    """
    href = urlsplit(href_of(link) or "")
    asked = unquote(urlsplit(answer.url).path).rstrip("/")
    if not unquote(href.path).rstrip("/").endswith(asked):
        link.refuse(f"leads to another address than the request's {asked}")
    if sorted(parse_qsl(href.query, keep_blank_values=True)) != sorted(answer.query):
        link.refuse(f"does not have the request's query parameters {answer.query}")
