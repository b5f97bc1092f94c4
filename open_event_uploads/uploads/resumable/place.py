"""Where resumable uploads are kept, and how one is removed from there."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import Engine

from open_event_uploads.errors import NotFound, UploadsError
from open_event_uploads.fault_points import reach
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.resumable.pieces import discard_pieces
from open_event_uploads.uploads.resumable.rows import remove_resumable
from open_event_uploads.uploads.resumable.turn import Turn


@dataclass(frozen=True, slots=True)
class Place:
    """Where resumable uploads are kept.

    Args:
        engine: of the database.
        storage: of their bytes.
        policy: what may be stored.
    """

    engine: Engine
    storage: Storage
    policy: FilePolicy


def remove(turn: Turn, place: Place) -> None:
    """Remove a resumable upload and its pieces; errors as of `Turn.check`."""
    keys = remove_resumable(turn, engine=place.engine)
    reach("resumable.removed")
    discard_pieces(keys, place.storage)


@contextmanager
def removed_if_unknown(turn: Turn, place: Place) -> Iterator[None]:
    """Remove an upload if the request fails that began it.

    Nobody is told its address then: it would only count for its owner until it expires.
    """
    try:
        yield
    except BaseException:
        if turn.begins:
            with suppress(UploadsError):
                remove(turn, place)
        raise


def lost_bytes() -> NotFound:
    """Return the error of an upload that was removed because bytes of it were lost."""
    return NotFound("Bytes of the upload were lost; begin again.")
