"""Make one upload of several parts that arrived side by side (tus 1.0, "Concatenation")."""

from collections.abc import Sequence
from dataclasses import replace

from open_event_uploads.database.statement import Execute
from open_event_uploads.errors import InvalidRequest
from open_event_uploads.fault_points import reach
from open_event_uploads.uploads.create import CreatedUpload, create_upload
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.uploads.resumable.begin import NewResumable, check_length
from open_event_uploads.uploads.resumable.find import find_final, find_resumable
from open_event_uploads.uploads.resumable.lock import UploadLock
from open_event_uploads.uploads.resumable.metadata import read_metadata
from open_event_uploads.uploads.resumable.model import ResumableRow
from open_event_uploads.uploads.resumable.piece_rows import pieces_of
from open_event_uploads.uploads.resumable.pieces import discard_pieces
from open_event_uploads.uploads.resumable.place import Place
from open_event_uploads.uploads.resumable.remove import removed_on_refusal
from open_event_uploads.uploads.resumable.rows import replace_by_upload
from open_event_uploads.uploads.resumable.whole_file import Segment, segments_of, whole_file
from open_event_uploads.uploads.rows import read_upload


def concatenate_parts(  # noqa: PLR0913 - what, whose, where and how
    ids: Sequence[str],
    new: NewResumable,
    *,
    owner_id: str | None,
    sender: str,
    place: Place,
    processing: Processing,
) -> tuple[ResumableRow, CreatedUpload]:
    """Make one upload of finished parts, or find the one that was made of them.

    A client that lost the answer sends the request again.

    Args:
        ids: of the parts, in order.
        new: what the client says of all of them together.
        owner_id: whose they are; None for no owner.
        sender: as of `begin_resumable`.
        place: where they are kept.
        processing: how new files are processed.

    Returns:
        The resumable upload that stands for all of them, and the upload.

    Raises:
        InvalidRequest: one is no part, is not finished, is named twice, or is a part of another
            upload.
        NotFound: as of `find_resumable`.
        RequestTooLarge: together they are too long.
        RefusedFile, InvalidAttribute, ManyErrors: no such upload is accepted; nothing is kept.
        ChangedMeanwhile: a part was deleted, or put into an upload, meanwhile.
        As `create_upload`.
    """
    values = read_metadata(new.sent_metadata)
    parts = _find_parts(ids, owner_id, place)
    if made := _find_made(parts, new, place):
        return made
    size = sum(each.received for each in parts)
    check_length(size, place)
    columns = {**replace(new, length=size).columns(owner_id, sender), "received": size}
    rows: list[ResumableRow] = []

    def before_commit(execute: Execute, made: CreatedUpload) -> None:
        rows.append(replace_by_upload(parts, {**columns, "upload_id": made.upload.id}, execute))

    segments = _segments(parts, place)
    with (
        removed_on_refusal([UploadLock(each) for each in parts], place),
        whole_file(segments, place.storage, _nobody_writes) as file,
    ):
        created = create_upload(
            content=file,
            values=values,
            owner_id=owner_id,
            reserved=sum(each.reserved for each in parts),
            engine=place.engine,
            storage=place.storage,
            processing=processing,
            before_commit=before_commit,
        )
    reach("resumable.completed")
    discard_pieces((key for key, _ in segments), place.storage)
    return rows[0], created


def _find_parts(ids: Sequence[str], owner_id: str | None, place: Place) -> list[ResumableRow]:
    if len(set(ids)) < len(ids):
        raise _refusal("A part is named twice.")
    found = [find_resumable(each, owner_id, place.engine) for each in ids]
    for row in found:
        if not (row.is_part and row.is_finished):
            raise _refusal(f"{row.id} is no part whose bytes have all arrived.")
    return found


def _find_made(
    parts: Sequence[ResumableRow], new: NewResumable, place: Place
) -> tuple[ResumableRow, CreatedUpload] | None:
    """Return what was made of parts before; None if none of them is a part of an upload yet."""
    made = next((each for each in parts if each.upload_id is not None), None)
    if made is None or made.upload_id is None:
        return None
    row = find_final(made, new.concatenation, place.engine)
    upload = read_upload(place.engine, made.upload_id)
    if row is None or upload is None:
        raise _refusal(f"{made.id} is a part of another upload.")
    return row, CreatedUpload(upload, ())


def _segments(parts: Sequence[ResumableRow], place: Place) -> list[Segment]:
    return [
        segment
        for part in parts
        for segment in segments_of(pieces_of(part.id, place.engine), part.received)
    ]


def _nobody_writes() -> None:
    """Allow to cut what lies behind the end of a finished part: its lock is taken for good."""


def _refusal(detail: str) -> InvalidRequest:
    return InvalidRequest(detail, header="Upload-Concat")
