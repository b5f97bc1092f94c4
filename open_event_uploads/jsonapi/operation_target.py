"""Read the target of an Atomic Operation: its `ref`, its `href`, or its `data`."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from open_event_uploads.errors import InvalidDocument, NotFound
from open_event_uploads.jsonapi.json_pointer import pointer_along

_ADDRESS = re.compile(
    "/v1/(?P<type>[a-z]+)(?:/(?P<id>[0-9a-z-]+)(?:/relationships/(?P<relationship>[a-z-]+))?)?/?"
)
_IDENTITY = ("type", "id", "lid", "relationship")


@dataclass(frozen=True, slots=True)
class Target:
    """The target of an operation.

    Args:
        type: of the resource.
        id: of the resource, or None.
        lid: the name that an earlier operation gave it, or None.
        pointer: to the member of the operation that names it.
        relationship: of the resource, if that is the target.
    """

    type: str
    id: str | None
    lid: str | None
    pointer: str
    relationship: str | None = None


def target_of(operation: dict[str, Any], base: str) -> Target:
    """Return the target of an operation, from its `ref`, `href` or `data`.

    Raises:
        InvalidDocument: it names no target, or two.
        NotFound: its `href` is no address of ours.
    """
    if "ref" in operation and "href" in operation:
        raise InvalidDocument("`ref` and `href` exclude each other.", pointer="")
    if "href" in operation:
        return _from_href(operation["href"], base)
    member = "ref" if "ref" in operation else "data"
    node = operation.get(member)
    if not isinstance(node, dict):
        raise InvalidDocument(
            "The operation needs a target.", pointer=pointer_along(operation, (member,))
        )
    for name in _IDENTITY:
        if not isinstance(node.get(name), str | None):
            raise InvalidDocument(f"`{name}` must be a string.", pointer=f"/{member}/{name}")
    if node.get("type") is None:
        raise InvalidDocument("A `type` is needed.", pointer=f"/{member}")
    relationship = node.get("relationship") if member == "ref" else None
    return Target(node["type"], node.get("id"), node.get("lid"), f"/{member}", relationship)


def _from_href(href: object, base: str) -> Target:
    if not isinstance(href, str):
        raise InvalidDocument("`href` must be a string.", pointer="/href")
    match = _ADDRESS.fullmatch(_path_below(base, href))
    if match is None:
        raise NotFound("There is nothing at this address.", pointer="/href")
    return Target(match["type"], match["id"], None, "/href", match["relationship"])


def _path_below(base: str, href: str) -> str:
    """Resolve a URI-reference against the request's address (RFC 3986, section 5.2).

    Returns:
        The path below the base; empty if it leads elsewhere.
    """
    try:
        found = urlsplit(urljoin(f"{base}/v1/operations", href))
    except ValueError:
        return ""
    ours = urlsplit(base)
    same = (found.scheme, found.netloc.lower()) == (ours.scheme, ours.netloc)
    if not same or found.query or found.fragment or not found.path.startswith(f"{ours.path}/"):
        return ""
    return found.path.removeprefix(ours.path)
