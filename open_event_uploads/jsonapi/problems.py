"""Answer every exception with a JSON:API error document."""

import logging
from typing import Any

from flask import Flask, Response
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from open_event_uploads import errors
from open_event_uploads.current import current_g
from open_event_uploads.errors import (
    DatabaseUnavailable,
    InvalidRequest,
    ManyErrors,
    NotFound,
    OffsetMismatch,
    PageSizeExceeded,
    StorageFull,
    StorageUnavailable,
    UploadsError,
)
from open_event_uploads.jsonapi.codec import respond
from open_event_uploads.jsonapi.negotiation import apply_profile

log = logging.getLogger(__name__)

# Our errors for what Flask and Werkzeug refuse.
_BY_STATUS: dict[int, type[UploadsError]] = {
    404: NotFound,
    405: errors.MethodNotAllowed,
    411: errors.LengthRequired,
    412: errors.PreconditionFailed,
    413: errors.RequestTooLarge,
    415: errors.UnsupportedMediaType,
    416: errors.RangeNotSatisfiable,
}


def register_error_handlers(app: Flask) -> None:
    """Answer every exception of an application with a document."""
    app.register_error_handler(Exception, _answer)


def problems_of(error: Exception) -> list[UploadsError]:
    """Return the errors to show for an exception, and log it if it is our own fault."""
    match error:
        case UploadsError():
            found = [error]
        case ManyErrors():
            found = error.errors
        case HTTPException():
            found = [_of_http_exception(error)]
        case OperationalError() | PoolTimeout():
            found = [_of_database_error(error)]
        case DBAPIError() if _is_unavailable(error):
            found = [_of_database_error(error)]
        case _:
            found = [_of_bug(error)]
    current_g().error_code = found[0].code
    if isinstance(found[0], StorageUnavailable | StorageFull | DatabaseUnavailable):
        log.error("%s: %s", type(found[0]).__name__, found[0].__cause__ or found[0])
    return found


def _answer(error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.response is not None and error.code is None:
        return error.response  # type: ignore[return-value]  # Flask's own class
    problems = problems_of(error)
    for each in problems:
        if each.profile:
            apply_profile(each.profile)
    document = {"errors": [_error_object(each) for each in problems]}
    return respond(document, _status(problems), problems[0].headers)


def _status(problems: list[UploadsError]) -> int:
    """Return the most generally applicable status (JSON:API 1.1, "Processing Errors")."""
    statuses = {each.status for each in problems}
    return statuses.pop() if len(statuses) == 1 else 400 if max(statuses) < 500 else 500  # noqa: PLR2004 - RFC 9110: 5xx


def _error_object(error: UploadsError) -> dict[str, Any]:
    """Return an error object (JSON:API 1.1, "Error Objects") without empty members."""
    type_ = error.problem_type or (error.profile and error.profile + error.kind)
    members = {
        "id": current_g().get("request_id"),
        "status": str(error.status),
        "code": error.code,
        "title": error.title,
        "detail": error.detail,
        "links": {"type": type_} if type_ else None,
        "source": _source(error),
        "meta": _meta(error),
    }
    return {name: value for name, value in members.items() if value not in (None, "", {})}


def _source(error: UploadsError) -> dict[str, str]:
    places = {"pointer": error.pointer, "parameter": error.parameter, "header": error.header}
    # An empty pointer means the whole document (RFC 6901, section 5).
    return {name: value for name, value in places.items() if value is not None}


def _meta(error: UploadsError) -> dict[str, Any]:
    meta: dict[str, Any] = {"limit": error.limit, "actual": error.actual}
    if error.attribute:
        # Clients show both at the field.
        meta |= {"attribute": error.attribute, "message": error.detail}
    if isinstance(error, PageSizeExceeded):
        # The Cursor Pagination profile's own member.
        meta["page"] = {"maxSize": error.limit}
    if isinstance(error, OffsetMismatch):
        # Members of that type of problem.
        meta |= {"expected-offset": error.expected, "provided-offset": error.provided}
    return {name: value for name, value in meta.items() if value is not None}


def _of_http_exception(error: HTTPException) -> UploadsError:
    status = error.code or 500
    kind = _BY_STATUS.get(status, InvalidRequest if status < 500 else UploadsError)  # noqa: PLR2004 - RFC 9110: 5xx
    headers = {
        name: value for name, value in error.get_headers() if name in {"Allow", "Content-Range"}
    }
    return kind(_DETAILS.get(status, "The request is not understood."), headers=headers)


_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not know that method.",
    413: "The request is too large.",
}


# PostgreSQL, appendix A: `read_only_sql_transaction`, the answer of a standby to a write.
_STANDBY = "25006"


def _is_unavailable(error: DBAPIError) -> bool:
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) == _STANDBY


def _of_database_error(error: SQLAlchemyError) -> UploadsError:
    log.error("database: %s", getattr(error, "orig", None) or error)
    return DatabaseUnavailable(
        "The database cannot be used right now.", headers={"Retry-After": "5"}
    )


def _of_bug(error: Exception) -> UploadsError:
    log.error("unexpected error, request_id=%s", current_g().get("request_id"), exc_info=error)
    return UploadsError("Something went wrong here; the id names it in our log.")
