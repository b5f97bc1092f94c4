"""Take the bytes of the current request for a resumable upload, by whatever protocol they come."""

import sys
from enum import Enum, auto
from functools import partial
from typing import cast

from open_event_uploads.context import current_settings, current_storage, db
from open_event_uploads.current import current_g, current_request
from open_event_uploads.errors import InconsistentLength
from open_event_uploads.jsonapi.body import received_parts
from open_event_uploads.jsonapi.expected_body import expect_parts
from open_event_uploads.server.identity import current_user_id
from open_event_uploads.server.rate_limits import current_sender_digest
from open_event_uploads.uploads.checksum import Checksum
from open_event_uploads.uploads.create import CreatedUpload
from open_event_uploads.uploads.processing import current_processing
from open_event_uploads.uploads.resumable.arriving import (
    Arrived,
    ArrivingBytes,
    acknowledge_arrived,
)
from open_event_uploads.uploads.resumable.begin import NewResumable, begin_resumable
from open_event_uploads.uploads.resumable.complete import complete_upload
from open_event_uploads.uploads.resumable.exact_bytes import ExactBytes
from open_event_uploads.uploads.resumable.find import find_resumable
from open_event_uploads.uploads.resumable.lock import UploadLock, take_lock, wait_for_writer
from open_event_uploads.uploads.resumable.model import ResumableRow
from open_event_uploads.uploads.resumable.place import Place
from open_event_uploads.uploads.resumable.remove import remove, removed_on_failed_creation


class Completion(Enum):
    """Say when an upload is complete."""

    # As soon as it has its length.
    BY_LENGTH = auto()
    # With the body of this request.
    NOW = auto()
    # With a later request, even if nothing is missing.
    LATER = auto()


def current_place() -> Place:
    """Return where the application keeps resumable uploads."""
    return Place(db.engine, current_storage(), current_settings().policy)


def begin_upload(new: NewResumable) -> UploadLock:
    """Begin an upload for the sender; errors as of `begin_resumable`."""
    return begin_resumable(
        new, owner_id=current_user_id(), sender=current_sender_digest(), place=current_place()
    )


def continue_upload(
    offset: int, length: int | None, *, is_complete_by_length: bool = True
) -> UploadLock:
    """Take the lock of the upload at this address; arguments and errors as of `take_lock`."""
    return take_lock(
        (current_request().view_args or {})["id"],
        current_user_id(),
        offset=offset,
        length=length,
        is_complete_by_length=is_complete_by_length,
        engine=db.engine,
        policy=current_settings().policy,
    )


def find_state(id_: str) -> ResumableRow:
    """Take the lock of an upload, unless it is finished, and return its row.

    A request that is sending bytes at the moment has lost the lock then.

    Raises:
        As `take_lock`.
    """
    row = find_resumable(id_, current_user_id(), db.engine)
    if row.is_finished:
        return row
    wait_for_writer(id_, db.engine)
    return take_lock(id_, current_user_id(), engine=db.engine).row


def terminate_upload(id_: str) -> None:
    """Remove an upload; what was made of it stays. Errors as of `take_lock`."""
    remove(take_lock(id_, current_user_id(), engine=db.engine), current_place())


def expect_bytes(
    lock: UploadLock,
    length: int | None,
    checksum: Checksum | None,
    completion: Completion = Completion.BY_LENGTH,
) -> None:
    """Ask for the body, which may bring what is missing of the upload and no more.

    Args:
        lock: under which they are written.
        length: of the whole upload, in bytes; None if it is not known.
        checksum: that they must have; None for any.
        completion: says when the upload is complete.

    Raises:
        As `expect_parts`.
    """
    place = current_place()
    most = place.policy.max_bytes if length is None else length
    kind = ArrivingBytes
    if completion is not Completion.BY_LENGTH and length is not None:
        # It has to know of more bytes than there may be.
        kind, most = ExactBytes, sys.maxsize
    g = current_g()
    g.resumable_length, g.resumable_completion = length, completion
    receiver = partial(kind, lock, length, checksum, place)
    with removed_on_failed_creation(lock, place):
        expect_parts(most - lock.row.received, receiver)


def finish_bytes() -> tuple[ResumableRow, CreatedUpload | None]:
    """Acknowledge what the request has sent; once it is complete, make an upload of it.

    Raises:
        InconsistentLength: it is said to be complete, and has another length than was said.
        As `ArrivingBytes.finish`, `acknowledge_arrived` and `complete_upload`.
    """
    with received_parts() as receiver:
        arrived = cast("ArrivingBytes", receiver).finish()
        with removed_on_failed_creation(arrived.lock, current_place()):
            return _acknowledge_or_complete(arrived)


def _acknowledge_or_complete(arrived: Arrived) -> tuple[ResumableRow, CreatedUpload | None]:
    row, place = arrived.lock.row, current_place()
    if row.is_finished:
        return row, None
    if _is_complete(arrived) and not row.is_part:
        made = complete_upload(arrived, place=place, processing=current_processing())
        return find_resumable(row.id, row.owner_id, db.engine), made
    if arrived.lock.begins and not arrived.received:
        return row, None
    return acknowledge_arrived(arrived, place).row, None


def _is_complete(arrived: Arrived) -> bool:
    """Return whether the upload is complete with what has arrived.

    Raises:
        InconsistentLength: its client says so, and that it has another length.
    """
    g = current_g()
    length: int | None = g.resumable_length
    if g.resumable_completion is Completion.BY_LENGTH:
        return arrived.received == length
    is_now = bool(g.resumable_completion is Completion.NOW)
    if is_now and length not in {None, arrived.received}:
        acknowledge_arrived(arrived, current_place())
        raise InconsistentLength(
            f"The length is {length} bytes; {arrived.received} came.", header="Upload-Length"
        )
    return is_now
