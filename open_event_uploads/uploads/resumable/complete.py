"""Make an upload of a resumable one, once all of its bytes have arrived."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from open_event_uploads.errors import UploadsError
from open_event_uploads.fault_points import reach
from open_event_uploads.uploads.create import CreatedUpload, create_upload
from open_event_uploads.uploads.digest_fields import parse_representation_digest
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.uploads.resumable.arriving import (
    Arrived,
    write_pieces,
)
from open_event_uploads.uploads.resumable.lock import UploadLock
from open_event_uploads.uploads.resumable.metadata import read_metadata
from open_event_uploads.uploads.resumable.pieces import discard_pieces
from open_event_uploads.uploads.resumable.place import Place
from open_event_uploads.uploads.resumable.remove import removed_on_refusal
from open_event_uploads.uploads.resumable.rows import (
    become_upload,
    begin_completion,
    release_lock,
)
from open_event_uploads.uploads.resumable.whole_file import segments_of, whole_file


def complete_upload(arrived: Arrived, *, place: Place, processing: Processing) -> CreatedUpload:
    """Make an upload of everything that has arrived.

    Either it is there, and the resumable one refers to it, or nothing has changed but that all
    bytes but the last are acknowledged.

    Args:
        arrived: the last bytes, durable.
        place: where the resumable upload is kept.
        processing: how new files are processed.

    Raises:
        RefusedFile, InvalidAttribute: no such upload is accepted; nothing is kept.
        NotFound: bytes were lost; nothing is kept.
        ChangedMeanwhile: somebody else has the lock.
        StorageFull, StorageUnavailable, DatabaseUnavailable, DecoderUnavailable: it can be tried
            again.
    """
    lock = write_pieces(arrived, begin_completion, place)
    reach("resumable.begun")
    size, row = arrived.received, lock.row
    segments = segments_of(lock.pieces, size)
    with (
        _released_on_failure(lock, place),
        removed_on_refusal([lock], place),
        whole_file(
            segments, place.storage, lambda: lock.check(place.engine), arrived.digest
        ) as file,
    ):
        if checksum := parse_representation_digest(row.repr_digest):
            checksum.check_file(file)
        created = create_upload(
            content=file,
            values=read_metadata(row.sent_metadata),
            owner_id=row.owner_id,
            reserved=row.reserved,
            engine=place.engine,
            storage=place.storage,
            processing=processing,
            before_commit=lambda execute, made: become_upload(lock, made.upload.id, size, execute),
        )
    reach("resumable.completed")
    discard_pieces((key for key, _ in segments), place.storage)
    return created


@contextmanager
def _released_on_failure(lock: UploadLock, place: Place) -> Iterator[None]:
    """Let another request try at once what may be made yet."""
    try:
        yield
    except BaseException:
        with suppress(UploadsError):
            release_lock(lock, engine=place.engine)
        raise
