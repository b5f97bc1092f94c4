"""Read an Atomic Operations document (the extension, "Operation Objects")."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from open_event_uploads.errors import (
    InvalidDocument,
    ManyErrors,
    NotFound,
    UploadsError,
)
from open_event_uploads.jsonapi.json_text import escape_pointer

MAX_OPERATIONS = 50
_MEMBER = "atomic:operations"
_OTHERS = {"atomic:results", "data", "errors", "included"}
_VERBS = ("add", "update", "remove")
_ADDRESS = re.compile(
    "/v1/(?P<type>[a-z]+)(?:/(?P<id>[0-9a-z-]+)(?:/relationships/(?P<relationship>[a-z-]+))?)?/?"
)
_IDENTITY = ("type", "id", "lid", "relationship")

T = TypeVar("T")


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


def read_operations(document: object) -> list[dict[str, Any]]:
    """Return the operation objects of a document.

    Raises:
        InvalidDocument: it has none, too many, or other primary data.
    """
    if not isinstance(document, dict):
        raise InvalidDocument("The document must be an object.", pointer="")
    operations = document.get(_MEMBER)
    if not isinstance(operations, list) or not operations:
        pointer = f"/{_MEMBER}" if _MEMBER in document else ""
        raise InvalidDocument(f"The document needs an array `{_MEMBER}`.", pointer=pointer)
    if others := _OTHERS & document.keys():
        raise InvalidDocument(f"`{_MEMBER}` excludes `{min(others)}`.", pointer="")
    if len(operations) > MAX_OPERATIONS:
        raise InvalidDocument(
            f"{MAX_OPERATIONS} operations are allowed.",
            pointer=f"/{_MEMBER}",
            limit=MAX_OPERATIONS,
            actual=len(operations),
        )
    return operations


def each(operations: list[dict[str, Any]], read: Callable[[dict[str, Any]], T]) -> list[T]:
    """Read every operation; report the faults of all of them together.

    Raises:
        ManyErrors: at least one is invalid; each error points into its operation.
    """
    found: list[T] = []
    errors: list[UploadsError] = []
    for number, operation in enumerate(operations):
        try:
            found.append(read(operation))
        except (UploadsError, ManyErrors) as error:
            problems = error.errors if isinstance(error, ManyErrors) else [error]
            for problem in problems:
                locate(problem, number, operation)
            errors += problems
    if errors:
        raise ManyErrors(errors)
    return found


def locate(error: UploadsError, number: int, operation: object) -> None:
    """Point an error into its operation: at the invalid attribute, or at the missing target."""
    pointer = error.pointer
    if pointer is None and error.attribute:
        pointer = existing(operation, ("data", "attributes", error.attribute))
    if pointer is None and isinstance(error, NotFound):
        # Exactly one of them names the target.
        pointer = "".join(existing(operation, (name,)) for name in ("ref", "href")) or "/data"
    error.pointer = f"/{_MEMBER}/{number}{pointer or ''}"


def existing(node: object, path: tuple[str, ...]) -> str:
    """Return the JSON Pointer along a path, as far as its members exist."""
    pointer = ""
    for name in path:
        if not isinstance(node, dict) or name not in node:
            break
        node = node[name]
        pointer += f"/{escape_pointer(name)}"
    return pointer


def verb_of(operation: object) -> str:
    """Return the operation code.

    Raises:
        InvalidDocument: it is missing or unknown.
    """
    if not isinstance(operation, dict):
        raise InvalidDocument("An operation must be an object.", pointer="")
    verb = operation.get("op")
    if verb not in _VERBS:
        raise InvalidDocument(
            f"`op` is one of {', '.join(_VERBS)}.", pointer=existing(operation, ("op",))
        )
    return str(verb)


def target_of(operation: dict[str, Any], base: str) -> Target:
    """Return the target of an operation, from its `ref`, `href` or `data`.

    Args:
        operation: the object.
        base: that our absolute addresses begin with.

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
            "The operation needs a target.", pointer=existing(operation, (member,))
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
