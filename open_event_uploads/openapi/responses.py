"""Responses: documents, and the errors of the tree of errors."""

from http import HTTPStatus
from typing import Any

from open_event_uploads.errors import UploadsError
from open_event_uploads.jsonapi.codec import MEDIA_TYPE

Response = dict[str, Any]

_TEXTS = {
    200: "The document.",
    201: "Created.",
    204: "Done; there is no body.",
    304: "Not changed.",
}
_TAGGED = frozenset({200, 201, 304})


def shared_headers() -> dict[str, dict[str, Any]]:
    """Return the response headers that several responses share, by component name."""
    text = {"type": "string"}
    return {
        "ETag": {"description": "The entity tag, for If-Match and If-None-Match.", "schema": text},
        "Location": {
            "description": "The address of the new resource, or of the redirect.",
            "schema": {"type": "string", "format": "uri"},
        },
        "RateLimit": {
            "description": "The remaining part of each limit (`r`), and when it is reset (`t`, "
            "seconds); draft-ietf-httpapi-ratelimit-headers-10. Also on answers that succeed.",
            "schema": text,
            "example": '"uploads-60s";r=599;t=42',
        },
        "RateLimit-Policy": {
            "description": "Each limit: the number (`q`) in a window (`w`, seconds).",
            "schema": text,
            "example": '"uploads-60s";q=600;w=60',
        },
        "Retry-After": {
            "description": "Seconds to wait.",
            "schema": {"type": "integer", "minimum": 0},
        },
        "WWW-Authenticate": {
            "description": "How to authenticate (RFC 6750, section 3).",
            "schema": text,
        },
        "X-Request-Id": {
            "description": "The request's id, also in errors and in the server's log.",
            "schema": text,
        },
    }


def success(status: int, schema: str | None = None) -> Response:
    """Describe a successful response, with the component name of its document if it has one."""
    headers = ["X-Request-Id", *(["ETag"] if status in _TAGGED else [])]
    if status == HTTPStatus.CREATED:
        headers.append("Location")
    found: Response = {"description": _TEXTS[status], "headers": {each: each for each in headers}}
    return {**found, "content": {MEDIA_TYPE: {"schema": schema}}} if schema else found


def json_response(
    description: str, schema: dict[str, Any] | str, media_type: str = "application/json"
) -> Response:
    """Describe a successful response whose document is not one of JSON:API's own."""
    return {
        "description": description,
        "headers": {"X-Request-Id": "X-Request-Id"},
        "content": {media_type: {"schema": schema}},
    }


def errors(*statuses: int) -> dict[str, str]:
    """Return references to the shared error responses."""
    return {str(status): error_name(status) for status in sorted(statuses)}


# Not in IANA's registry: tus 1.0, "Checksum".
_UNREGISTERED = {460: "Checksum Mismatch"}


def error_name(status: int) -> str:
    """Return the component name of a status: `NotFound`."""
    phrase = _UNREGISTERED.get(status) or HTTPStatus(status).phrase
    return phrase.title().replace(" ", "").replace("-", "")


def error_responses() -> dict[str, Response]:
    """Describe one response for every status in the tree of errors, by component name."""
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
    # Status -> code -> when it is raised, by the most general class with that code.
    found: dict[int, dict[str, str]] = {}
    for each in _descendants(UploadsError):
        when = (each.__doc__ or "").partition("\n\n")[0].removeprefix("Raised ")
        found.setdefault(each.status, {}).setdefault(each.code, " ".join(when.split()))
    return found


def _descendants(kind: type[UploadsError]) -> list[type[UploadsError]]:
    children = kind.__subclasses__()
    return [*children, *(each for child in children for each in _descendants(child))]
