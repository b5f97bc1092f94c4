"""Answers: documents, and errors as the tree of errors states them."""

from http import HTTPStatus
from typing import Any

from open_event_uploads.errors import UploadsError
from open_event_uploads.jsonapi.codec import MEDIA_TYPE

Response = dict[str, Any]

_TEXTS = {
    200: "What was asked for.",
    201: "Made.",
    204: "Done; there is nothing to say.",
    304: "It has not changed since.",
}
_TAGGED = frozenset({200, 201, 304})


def shared_headers() -> dict[str, dict[str, Any]]:
    """The response headers that more than one answer has, by their component names."""
    text = {"type": "string"}
    return {
        "ETag": {"description": "The entity tag, for If-Match and If-None-Match.", "schema": text},
        "Location": {
            "description": "The address of what was made, or of where it is.",
            "schema": {"type": "string", "format": "uri"},
        },
        "RateLimit": {
            "description": "What is left of each limit (`r`), and when it is whole again (`t`, "
            "seconds); draft-ietf-httpapi-ratelimit-headers-10. Also on answers that succeed.",
            "schema": text,
            "example": '"uploads-60s";r=599;t=42',
        },
        "RateLimit-Policy": {
            "description": "Each limit: how many (`q`) in how long (`w`, seconds).",
            "schema": text,
            "example": '"uploads-60s";q=600;w=60',
        },
        "Retry-After": {
            "description": "Seconds to wait.",
            "schema": {"type": "integer", "minimum": 0},
        },
        "WWW-Authenticate": {
            "description": "How to say who one is (RFC 6750, section 3).",
            "schema": text,
        },
        "X-Request-Id": {
            "description": "The request's id, also in errors and in the server's log.",
            "schema": text,
        },
    }


def answer(status: int, schema: str | None = None) -> Response:
    """A successful answer.

    Args:
        status: the HTTP status.
        schema: the component that the document follows; None where there is no body.
    """
    headers = ["X-Request-Id", *(["ETag"] if status in _TAGGED else [])]
    if status == HTTPStatus.CREATED:
        headers.append("Location")
    found: Response = {"description": _TEXTS[status], "headers": {each: each for each in headers}}
    return {**found, "content": {MEDIA_TYPE: {"schema": schema}}} if schema else found


def errors(*statuses: int) -> dict[str, str]:
    """References to the shared error answers."""
    return {str(status): error_name(status) for status in sorted(statuses)}


def error_name(status: int) -> str:
    """The component name of a status: `NotFound`."""
    return HTTPStatus(status).phrase.title().replace(" ", "").replace("-", "")


def error_responses() -> dict[str, Response]:
    """One answer for every status in the tree of errors, by its component name."""
    return {error_name(status): _error(status, found) for status, found in _by_status().items()}


def _error(status: int, codes: dict[str, str]) -> Response:
    headers = ["X-Request-Id"]
    if status == HTTPStatus.UNAUTHORIZED:
        headers.append("WWW-Authenticate")
    if status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
        headers.append("Retry-After")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers += ["RateLimit", "RateLimit-Policy"]
    return {
        "description": "\n".join(f"- `{code}`: {text}" for code, text in codes.items()),
        "headers": {each: each for each in headers},
        "content": {MEDIA_TYPE: {"schema": "ErrorDocument"}},
    }


def _by_status() -> dict[int, dict[str, str]]:
    """Status -> code -> when; of the classes that share a code, the most general one speaks."""
    found: dict[int, dict[str, str]] = {}
    for each in _descendants(UploadsError):
        when = (each.__doc__ or "").partition("\n\n")[0].removeprefix("Raised ")
        found.setdefault(each.status, {}).setdefault(each.code, " ".join(when.split()))
    return found


def _descendants(kind: type[UploadsError]) -> list[type[UploadsError]]:
    children = kind.__subclasses__()
    return [*children, *(each for child in children for each in _descendants(child))]
