"""`/v1/uploads/resumable`: uploads that survive an interrupted connection, by tus 1.0.

The pages for admins have the same views below an address of their own, with their own guard.
"""

from dataclasses import replace
from functools import partial
from typing import cast

from flask import Response

from open_event_uploads.context import current_settings, current_storage, db
from open_event_uploads.current import current_g, current_request
from open_event_uploads.errors import MethodNotAllowed
from open_event_uploads.jsonapi.body import expect_parts, received_parts
from open_event_uploads.jsonapi.codec import respond_empty
from open_event_uploads.jsonapi.negotiation import negotiate
from open_event_uploads.jsonapi.rendering import requested_url
from open_event_uploads.server.identity import current_user_id
from open_event_uploads.server.policy import Counts, Policy, Who
from open_event_uploads.server.rate_limits import current_sender_digest
from open_event_uploads.server.routes import Routes
from open_event_uploads.uploads.create import CreatedUpload
from open_event_uploads.uploads.processing import current_processing
from open_event_uploads.uploads.resumable import tus
from open_event_uploads.uploads.resumable.answers import respond_state, upload_fields
from open_event_uploads.uploads.resumable.arriving import (
    ArrivingBytes,
    Checksum,
    Place,
    acknowledge_arrived,
)
from open_event_uploads.uploads.resumable.begin import begin_resumable, check_length
from open_event_uploads.uploads.resumable.complete import complete_upload, remove
from open_event_uploads.uploads.resumable.concatenate import concatenate_parts
from open_event_uploads.uploads.resumable.model import ResumableRow
from open_event_uploads.uploads.resumable.rows import (
    Turn,
    find_resumable,
    take_turn,
    wait_for_writer,
)

_COLLECTION = "/v1/uploads/resumable"


def expect_creation() -> None:
    """Check the head of a request that begins an upload, begin it, and ask for its first bytes.

    Raises:
        UnsupportedTusVersion, InvalidRequest, InvalidAttribute, ManyErrors, RequestTooLarge,
            UnsupportedMediaType: the head is not acceptable.
        As `begin_resumable` and `expect_parts`.
    """
    tus.check_version()
    negotiate(frozenset(), reads=False)
    new, checksum = tus.read_new(), tus.read_checksum()
    if tus.read_parts(new.concatenation) is not None:
        return  # its bytes have arrived already
    if _has_body():
        tus.check_media_type()
    turn = begin_resumable(
        new, owner_id=current_user_id(), sender=current_sender_digest(), place=_place()
    )
    _expect_bytes(turn, new.length, checksum)


def create() -> Response:
    """Answer a request that begins an upload, or makes one of parts."""
    parts = tus.read_parts(current_request().headers.get("Upload-Concat", ""))
    if parts is None:
        row, made = _finish()
    else:
        row, made = concatenate_parts(
            parts,
            tus.read_new(),
            owner_id=current_user_id(),
            sender=current_sender_digest(),
            place=_place(),
            processing=current_processing(),
        )
    location = {"Location": f"{requested_url()}/{row.id}"}
    return respond_state(201, {**location, **tus.offset_fields(row), **upload_fields(row)}, made)


def show(id: str) -> Response:  # noqa: A002 - the address's name for it
    """Answer HEAD: how much has been received. Whoever was sending has lost the turn."""
    row = find_resumable(id, current_user_id(), db.engine)
    if not row.is_finished:
        wait_for_writer(id, db.engine)
        row = take_turn(id, current_user_id(), engine=db.engine).row
    # RFC 9110, section 9.3.2: HEAD's answer has no body.
    fields = {**tus.state_fields(row), **upload_fields(row), "Cache-Control": "no-store"}
    return respond_empty(204, fields)


def expect_append() -> None:
    """Check the head of a request that goes on with an upload, and ask for its bytes.

    Raises:
        UnsupportedTusVersion, UnsupportedMediaType, InvalidRequest: the head is not acceptable.
        As `take_turn` and `expect_parts`.
    """
    tus.check_version()
    tus.check_media_type()
    negotiate(frozenset(), reads=False)
    offset, checksum = tus.read_offset(), tus.read_checksum()
    declared = tus.read_number("Upload-Length")
    check_length(declared, _place())
    turn = take_turn(
        (current_request().view_args or {})["id"],
        current_user_id(),
        offset=offset,
        length=declared,
        engine=db.engine,
        policy=current_settings().policy,
    )
    _expect_bytes(turn, turn.row.length if declared is None else declared, checksum)


def append(id: str) -> Response:  # noqa: A002, ARG001 - the address's name for it; `expect_append` has read it
    """Answer PATCH: what was sent is durable, and an upload is made of the last bytes."""
    row, made = _finish()
    return respond_state(204, {**tus.offset_fields(row), **upload_fields(row)}, made)


def terminate(id: str) -> Response:  # noqa: A002 - the address's name for it
    """Answer DELETE: nothing is kept; the upload that was made stays (tus 1.0, "Termination")."""
    tus.check_version()
    remove(take_turn(id, current_user_id(), engine=db.engine), _place())
    return respond_empty(204)


def expect_overridden() -> None:
    """Check the head of a POST that stands for another method; errors as of that.

    Raises:
        MethodNotAllowed: it stands for none that is known here.
    """
    method = tus.overridden_method()
    if method not in _VIEWS:
        raise MethodNotAllowed(
            f"X-HTTP-Method-Override can be {', '.join(_VIEWS)}.", headers={"Allow": _ALLOWED}
        )
    if method == "PATCH":
        expect_append()


def override(id: str) -> Response:  # noqa: A002 - the address's name for it
    """Answer a POST that stands for another method."""
    return _VIEWS[tus.overridden_method()](id)


_VIEWS = {"HEAD": show, "PATCH": append, "DELETE": terminate}
_ALLOWED = "HEAD, PATCH, DELETE, POST, OPTIONS"


def _place() -> Place:
    return Place(db.engine, current_storage(), current_settings().policy)


def _has_body() -> bool:
    environ = current_request().environ
    return "HTTP_TRANSFER_ENCODING" in environ or environ.get("CONTENT_LENGTH") not in {
        None,
        "",
        "0",
    }


def _expect_bytes(turn: Turn, length: int | None, checksum: Checksum | None) -> None:
    """Ask for the body, which may bring what is missing of the upload and no more."""
    place = _place()
    most = place.policy.max_bytes if length is None else length
    current_g().resumable_length = length
    expect_parts(most - turn.row.received, partial(ArrivingBytes, turn, length, checksum, place))


def _finish() -> tuple[ResumableRow, CreatedUpload | None]:
    """Acknowledge what the request has sent; if nothing is missing, make an upload of it."""
    with received_parts() as receiver:
        arrived = cast("ArrivingBytes", receiver).finish()
        row = arrived.turn.row
        if row.is_finished:
            return row, None
        if arrived.received != current_g().resumable_length or row.is_part:
            return acknowledge_arrived(arrived, _place()).row, None
        made = complete_upload(arrived, place=_place(), processing=current_processing())
        return find_resumable(row.id, row.owner_id, db.engine), made


def _add_fields(response: Response) -> Response:
    """Add to every answer of these addresses, also to errors, which version it is of."""
    rule = current_request().url_rule
    if rule is not None and "/resumable" in rule.rule:
        response.headers["Tus-Resumable"] = tus.VERSION
        if current_request().method == "OPTIONS":
            response.headers.update(tus.discovery_fields(int(current_settings().max_bytes)))
    return response


_SEND = Policy(Who.UPLOADERS, "uploads:write", writes=True)
CREATE = replace(_SEND, counts=Counts.FILE, body=expect_creation)
APPEND = replace(_SEND, body=expect_append)
OVERRIDE = replace(_SEND, body=expect_overridden)


def register_routes(routes: Routes) -> None:
    """Add the routes of this module."""
    one = f"{_COLLECTION}/<id:id>"
    routes.add(_COLLECTION, "resumable_list", create, POST=CREATE)
    # Taking the turn is a write, also for HEAD.
    routes.add(one, "resumable_detail", show, HEAD=_SEND)
    routes.add(one, "resumable_append", append, PATCH=APPEND)
    routes.add(one, "resumable_terminate", terminate, DELETE=_SEND)
    routes.add(one, "resumable_override", override, POST=OVERRIDE)
    routes.app.after_request(_add_fields)
