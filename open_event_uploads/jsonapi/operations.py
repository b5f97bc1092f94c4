"""Read an Atomic Operations document (the extension, "Operation Objects")."""

from collections.abc import Callable
from typing import Any, TypeVar

from open_event_uploads.errors import (
    InvalidDocument,
    ManyErrors,
    NotFound,
    UploadsError,
)
from open_event_uploads.jsonapi.json_pointer import pointer_along

MAX_OPERATIONS = 50
_MEMBER = "atomic:operations"
_OTHERS = {"atomic:results", "data", "errors", "included"}
_VERBS = ("add", "update", "remove")

T = TypeVar("T")


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
    InvalidDocument.raise_beyond(
        MAX_OPERATIONS,
        len(operations),
        f"{MAX_OPERATIONS} operations are allowed.",
        pointer=f"/{_MEMBER}",
    )
    return operations


def read_each(operations: list[dict[str, Any]], read: Callable[[dict[str, Any]], T]) -> list[T]:
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
                point_into_operation(problem, number, operation)
            errors += problems
    if errors:
        raise ManyErrors(errors)
    return found


def point_into_operation(error: UploadsError, number: int, operation: object) -> None:
    """Point an error into its operation: at the invalid attribute, or at the missing target."""
    pointer = error.pointer
    if pointer is None and error.attribute:
        pointer = pointer_along(operation, ("data", "attributes", error.attribute))
    if pointer is None and isinstance(error, NotFound):
        # Exactly one of them names the target.
        pointer = "".join(pointer_along(operation, (name,)) for name in ("ref", "href")) or "/data"
    error.pointer = f"/{_MEMBER}/{number}{pointer or ''}"


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
            f"`op` is one of {', '.join(_VERBS)}.", pointer=pointer_along(operation, ("op",))
        )
    return str(verb)
