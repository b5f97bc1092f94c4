"""Remove a resumable upload, also when what was tried with it has failed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from open_event_uploads.errors import (
    InvalidAttribute,
    ManyErrors,
    NotFound,
    ObjectNotFound,
    UploadsError,
)
from open_event_uploads.fault_points import reach
from open_event_uploads.uploads.resumable.lock import UploadLock
from open_event_uploads.uploads.resumable.pieces import discard_pieces
from open_event_uploads.uploads.resumable.place import Place
from open_event_uploads.uploads.resumable.rows import remove_resumable

# Sending the same file again would be refused again.
REFUSALS = (InvalidAttribute, ManyErrors)


def remove(lock: UploadLock, place: Place) -> None:
    """Remove a resumable upload and its pieces; errors as of `UploadLock.check`."""
    keys = remove_resumable(lock, engine=place.engine)
    reach("resumable.removed")
    discard_pieces(keys, place.storage)


@contextmanager
def removed_on_failed_creation(lock: UploadLock, place: Place) -> Iterator[None]:
    """Remove an upload if the request fails that began it.

    Its client is not told its address then: it would only count for its owner until it expires.
    """
    try:
        yield
    except BaseException:
        if lock.begins:
            with suppress(UploadsError):
                remove(lock, place)
        raise


@contextmanager
def removed_on_refusal(locks: Sequence[UploadLock], place: Place) -> Iterator[None]:
    """Remove resumable uploads if no upload can ever be made of them.

    Raises:
        NotFound: bytes of them were lost.
    """
    try:
        yield
    except (*REFUSALS, ObjectNotFound) as error:
        for lock in locks:
            remove(lock, place)
        if isinstance(error, ObjectNotFound):
            raise lost_bytes() from error
        raise


def lost_bytes() -> NotFound:
    """Return the error of an upload that was removed because bytes of it were lost."""
    return NotFound("Bytes of the upload were lost; begin again.")
