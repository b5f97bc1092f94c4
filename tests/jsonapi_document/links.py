""" "Links"."""

import re

from tests.jsonapi_document.node import Node, check_meta

PAGINATION = ("first", "last", "prev", "next")

# RFC 3986, appendix A: only its characters, each `%` before two hexadecimal digits, square brackets
# around an IP address alone, and no colon in the first segment where there is no scheme.
_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
_AUTHORITY = r"//(?:[^/?#\[\]@]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^/?#\[\]@:]*)(?::\d*)?(?=[/?#]|$)"
_URI_REFERENCE = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.-]*:|(?![^/?#]*:))(?:{_AUTHORITY}|(?!//))"
    rf"{_CHARACTER}*(?:\?(?:{_CHARACTER}|\?)*)?(?:#(?:{_CHARACTER}|\?)*)?"
)
# RFC 8288, section 2.1: a registered name, or a URI.
_RELATION_TYPE = re.compile(r"[a-z][a-z0-9.-]*|[A-Za-z][A-Za-z0-9+.-]*:\S+")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?", re.ASCII)


def check_links(node: Node, *known: str) -> dict[str, Node]:
    """A links object with these members and no others."""
    links = node.members(*known)
    for link in links.values():
        _check_link(link)
    return links


def href_of(link: Node) -> str | None:
    """Where a link leads."""
    href: str | None = link.value["href"] if isinstance(link.value, dict) else link.value
    return href


def _check_link(link: Node) -> None:
    """ "Links": "a string whose value is a URI-reference", a link object or `null`."""
    if isinstance(link.value, dict):
        _check_link_object(link)
    elif link.value is not None:
        _check_uri_reference(link)


def _check_uri_reference(node: Node) -> None:
    text = node.text()
    if not text.isascii() or not _URI_REFERENCE.fullmatch(text):
        node.refuse(f"`{text}` is not a URI-reference")


def _check_link_object(link: Node) -> None:
    """ "Link objects"."""
    known = ("href", "rel", "describedby", "title", "type", "hreflang", "meta")
    members = link.members(*known, required=["href"])
    _check_uri_reference(members["href"])
    if "describedby" in members:
        _check_link(members["describedby"])
    if "title" in members:
        members["title"].text()
    _check_pattern(members, "rel", _RELATION_TYPE)
    _check_pattern(members, "type", _MEDIA_TYPE)
    _check_pattern(members, "hreflang", _LANGUAGE_TAG, many=True)
    check_meta(members)


def _check_pattern(
    members: dict[str, Node], name: str, pattern: re.Pattern[str], *, many: bool = False
) -> None:
    if name not in members:
        return
    node = members[name]
    for each in node.items() if many and isinstance(node.value, list) else [node]:
        if not pattern.fullmatch(each.text()):
            each.refuse(f"`{each.value}` cannot be a link's `{name}`")
