"""Answer the requests of tus 1.0."""

from flask import Response

from open_event_uploads.current import current_request
from open_event_uploads.errors import MethodNotAllowed
from open_event_uploads.jsonapi.codec import respond_empty
from open_event_uploads.jsonapi.expected_body import announced_length
from open_event_uploads.jsonapi.negotiation import negotiate
from open_event_uploads.jsonapi.rendering import requested_url
from open_event_uploads.server.identity import current_user_id
from open_event_uploads.server.rate_limits import current_sender_digest
from open_event_uploads.uploads.processing import current_processing
from open_event_uploads.uploads.resumable import tus
from open_event_uploads.uploads.resumable.addresses import make_address
from open_event_uploads.uploads.resumable.answers import (
    check_query,
    respond_shown,
    respond_state,
    upload_fields,
)
from open_event_uploads.uploads.resumable.begin import check_length
from open_event_uploads.uploads.resumable.concatenate import concatenate_parts
from open_event_uploads.uploads.resumable.requests import (
    begin_upload,
    continue_upload,
    current_place,
    expect_bytes,
    find_state,
    finish_bytes,
    terminate_upload,
)
from open_event_uploads.uploads.resumable.views import Views


def _expect_creation() -> None:
    """See `Views`.

    Raises:
        UnsupportedTusVersion, InvalidRequest, InvalidAttribute, ManyErrors, RequestTooLarge,
            UnsupportedMediaType: the head is not acceptable.
        As `begin_resumable` and `expect_parts`.
    """
    tus.check_version()
    negotiate(frozenset(), reads=False)
    check_query()
    new, checksum = tus.read_new(), tus.read_checksum()
    if tus.read_parts(new.concatenation) is not None:
        return  # its bytes have arrived already
    if announced_length() != 0:
        tus.check_media_type()
    expect_bytes(begin_upload(new), new.length, checksum)


def _create() -> Response:
    parts = tus.read_parts(current_request().headers.get("Upload-Concat", ""))
    if parts is None:
        row, made = finish_bytes()
    else:
        row, made = concatenate_parts(
            parts,
            tus.read_new(),
            owner_id=current_user_id(),
            sender=current_sender_digest(),
            place=current_place(),
            processing=current_processing(),
        )
    location = {"Location": make_address(requested_url(), row.id)}
    return respond_state(201, {**location, **tus.offset_fields(row), **upload_fields(row)}, made)


def _show(id_: str) -> Response:
    row = find_state(id_)
    return respond_shown(row, tus.state_fields(row))


def _expect_append() -> None:
    """See `Views`.

    Raises:
        UnsupportedTusVersion, UnsupportedMediaType, InvalidRequest: the head is not acceptable.
        As `take_lock` and `expect_parts`.
    """
    tus.check_version()
    tus.check_media_type()
    negotiate(frozenset(), reads=False)
    check_query()
    offset, checksum = tus.read_offset(), tus.read_checksum()
    declared = tus.read_number("Upload-Length")
    check_length(declared, current_place())
    lock = continue_upload(offset, declared)
    expect_bytes(lock, lock.row.length if declared is None else declared, checksum)


def _append(id_: str) -> Response:  # noqa: ARG001 - `_expect_append` has read it
    row, made = finish_bytes()
    return respond_state(204, {**tus.offset_fields(row), **upload_fields(row)}, made)


def _terminate(id_: str) -> Response:
    """See `Views`; the upload that was made stays (tus 1.0, "Termination")."""
    tus.check_version()
    terminate_upload(id_)
    return respond_empty(204)


def _add_fields(response: Response) -> None:
    response.headers["Tus-Resumable"] = tus.VERSION


VIEWS = Views(_expect_creation, _create, _show, _expect_append, _append, _terminate, _add_fields)

_OVERRIDING = {"HEAD": _show, "PATCH": _append, "DELETE": _terminate}
_ALLOWED = "HEAD, PATCH, DELETE, POST, OPTIONS"


def expect_overridden() -> None:
    """Check the head of a POST that stands for another method; errors as of that.

    Raises:
        MethodNotAllowed: it stands for none that is known here.
    """
    method = tus.overridden_method()
    if method not in _OVERRIDING:
        raise MethodNotAllowed(
            f"X-HTTP-Method-Override can be {', '.join(_OVERRIDING)}.",
            headers={"Allow": _ALLOWED},
        )
    if method == "PATCH":
        _expect_append()


def override(id: str) -> Response:  # noqa: A002 - the address's name for it
    """Answer a POST that stands for another method."""
    return _OVERRIDING[tus.overridden_method()](id)
