"""Answer the requests of "Resumable Uploads for HTTP" (`draft.py` says which version)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Response

from open_event_uploads.current import current_request
from open_event_uploads.errors import InconsistentLength, ManyErrors, UploadCompleted, UploadsError
from open_event_uploads.jsonapi.codec import respond_empty
from open_event_uploads.jsonapi.expected_body import announced_length
from open_event_uploads.jsonapi.negotiation import negotiate
from open_event_uploads.jsonapi.rendering import requested_url
from open_event_uploads.uploads.create import CreatedUpload
from open_event_uploads.uploads.digest_fields import checkable_digest, read_content_digest
from open_event_uploads.uploads.intake import is_raw
from open_event_uploads.uploads.resumable import draft
from open_event_uploads.uploads.resumable.addresses import make_address
from open_event_uploads.uploads.resumable.answers import (
    respond_created,
    respond_shown,
    upload_fields,
)
from open_event_uploads.uploads.resumable.begin import NewResumable, check_length
from open_event_uploads.uploads.resumable.lock import UploadLock
from open_event_uploads.uploads.resumable.model import ResumableRow
from open_event_uploads.uploads.resumable.remove import REFUSALS, remove
from open_event_uploads.uploads.resumable.requests import (
    Completion,
    begin_upload,
    continue_upload,
    current_place,
    expect_bytes,
    find_state,
    finish_bytes,
    terminate_upload,
)
from open_event_uploads.uploads.resumable.views import Views


def begins_here() -> bool:
    """Return whether a request to the collection of uploads begins a resumable one.

    One that has the whole file is an ordinary request: only an interim answer, which the server
    cannot send, could tell its client where to go on.
    """
    is_offered = draft.is_offered() and draft.read_complete() is False
    return is_offered and (is_raw() or not current_request().headers.get("Content-Type"))


def check_whole() -> None:
    """Check what an ordinary request with the whole file says of its length.

    Raises:
        InconsistentLength: it says two things.
    """
    if draft.is_offered() and draft.read_complete():
        draft.read_length(0, is_complete=True)


def answer_whole(view: Callable[[], Response]) -> Response:
    """Answer an ordinary request, and add that the upload is complete, if it said so."""
    if not (draft.is_offered() and draft.read_complete()):
        return view()
    with _refusals_complete():
        response = view()
    response.headers["Upload-Complete"] = "?1"
    return response


def _expect_creation() -> None:
    """See `Views`.

    Raises:
        InvalidRequest, InconsistentLength, InvalidAttribute, ManyErrors, RequestTooLarge: the head
            is not acceptable.
        As `begin_resumable` and `expect_parts`.
    """
    negotiate(frozenset(), reads=False)
    is_complete = draft.require_complete()
    length = draft.read_length(0, is_complete=is_complete)
    digest = checkable_digest(current_request().headers.get("Repr-Digest"))
    lock = begin_upload(NewResumable(length, draft.read_metadata(), repr_digest=digest))
    expect_bytes(lock, length, read_content_digest(), _completion(is_complete=is_complete))


def _completion(*, is_complete: bool) -> Completion:
    return Completion.NOW if is_complete else Completion.LATER


def _create() -> Response:
    row, made = _finish()
    return _respond(201, row, made)


def _show(id_: str) -> Response:
    row = find_state(id_)
    return respond_shown(row, draft.state_fields(row))


def _expect_append() -> None:
    """See `Views`.

    Raises:
        UnsupportedMediaType, InvalidRequest, InconsistentLength, RequestTooLarge: the head is not
            acceptable.
        UploadCompleted: the upload is finished.
        As `take_lock` and `expect_parts`.
    """
    draft.check_media_type()
    negotiate(frozenset(), reads=False)
    is_complete, offset = draft.require_complete(), draft.read_offset()
    declared = draft.read_length(offset, is_complete=is_complete)
    check_length(declared, current_place())
    lock = continue_upload(offset, declared, is_complete_by_length=False)
    row = lock.row
    if row.is_finished:
        raise _finished(row)
    length = row.length if declared is None else declared
    _check_end(lock, length)
    expect_bytes(lock, length, read_content_digest(), _completion(is_complete=is_complete))


def _check_end(lock: UploadLock, length: int | None) -> None:
    """Remove the upload if its client announces more bytes than it has ("Upload Append")."""
    try:
        draft.check_end(lock.row.received, length)
    except InconsistentLength:
        remove(lock, current_place())
        raise


def _finished(row: ResumableRow) -> UploadsError:
    if announced_length() != 0:
        return InconsistentLength(f"The upload is complete, with {row.received} bytes.")
    made = upload_fields(row).get("Content-Location")
    headers = {"Location": made} if made else {}
    return UploadCompleted("The upload is complete already.", headers=headers)


def _append(id_: str) -> Response:  # noqa: ARG001 - `_expect_append` has read it
    row, made = _finish()
    return _respond(204, row, made)


def _terminate(id_: str) -> Response:
    terminate_upload(id_)
    return respond_empty(204)


def _add_fields(response: Response) -> None:
    """Add to a refusal what it is about: the request, unless it says otherwise; or a limit."""
    if response.status_code >= 400 and current_request().method in {"POST", "PATCH"}:  # noqa: PLR2004 - RFC 9110: 4xx, 5xx
        response.headers.setdefault("Upload-Complete", "?0")
    if response.status_code == 413:  # noqa: PLR2004 - RFC 9110
        response.headers.setdefault("Upload-Limit", draft.discovery_fields()["Upload-Limit"])


VIEWS = Views(_expect_creation, _create, _show, _expect_append, _append, _terminate, _add_fields)


def _finish() -> tuple[ResumableRow, CreatedUpload | None]:
    with _refusals_complete():
        return finish_bytes()


@contextmanager
def _refusals_complete() -> Iterator[None]:
    """Say in a refusal of a whole file that sending more of it would not help ("Upload Append")."""
    try:
        yield
    except REFUSALS as error:
        first = error.errors[0] if isinstance(error, ManyErrors) else error
        first.headers["Upload-Complete"] = "?1"
        raise


def _respond(status: int, row: ResumableRow, made: CreatedUpload | None) -> Response:
    """Respond with the state, or as a request with the whole file would have been answered."""
    fields = draft.state_fields(row)
    if made is not None:
        return respond_created(fields, made)
    if status == 201:  # noqa: PLR2004 - RFC 9110: it has a Location
        fields["Location"] = make_address(requested_url(), row.id)
    return respond_empty(status, fields)
