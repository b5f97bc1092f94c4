"""Write the bytes of a resumable upload into objects of the storage.

In a storage that can, the newest piece grows; elsewhere each piece is put whole, and never changes.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from open_event_uploads.errors import ObjectNotFound, StorageUnavailable
from open_event_uploads.imaging.arriving_file import ArrivingFile
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.storage import Storage
from open_event_uploads.storage.capabilities import grower_of
from open_event_uploads.storage.contract import Grower, GrowingObject
from open_event_uploads.uploads.resumable.lock import UploadLock
from open_event_uploads.uploads.resumable.model import PieceRow
from open_event_uploads.uploads.resumable.piece_rows import new_piece
from open_event_uploads.uploads.resumable.running_digests import DIGESTS, RunningDigest
from open_event_uploads.uploads.resumable.whole_file import chunks_of

# A smaller piece does not stay alone.
_SMALL_BYTES = 256 * 1024


class PieceWriter(Protocol):
    """Writes bytes behind those that have been received.

    Attributes:
        digest: of all bytes of the upload, up to the last that was written; None if it is not
            known.
    """

    digest: RunningDigest | None

    def write(self, parts: Sequence[bytes]) -> None:
        """Take bytes.

        Raises:
            ChangedMeanwhile: somebody else has the lock.
            StorageFull, StorageUnavailable: they are not written.
        """

    def flush(self) -> list[PieceRow]:
        """Make all bytes durable; return the pieces that are new since the last call.

        Raises:
            StorageFull, StorageUnavailable: they may be lost.
        """

    def close(self) -> None:
        """Drop what was not flushed."""


def open_writer(lock: UploadLock, storage: Storage, may_write: Callable[[], None]) -> PieceWriter:
    """Return what writes the next bytes of an upload.

    Args:
        lock: under which they are written.
        storage: where they go.
        may_write: raises if somebody else has the lock; called where nobody else can write.
    """
    grower = grower_of(storage)
    return (
        _StoredPieces(lock, storage)
        if grower is None
        else _GrowingPiece(lock, storage, grower, may_write)
    )


class _GrowingPiece:
    """Writes into the newest piece; into a new one where there is none that can grow."""

    def __init__(
        self, lock: UploadLock, storage: Storage, grower: Grower, may_write: Callable[[], None]
    ) -> None:
        self._lock = lock
        self._storage = storage
        self._grower = grower
        self._may_write = may_write
        self._new: list[PieceRow] = []
        self._object: GrowingObject | None = None
        self._at = 0
        self.digest: RunningDigest | None = DIGESTS.take(lock.row.id, lock.row.received)

    def write(self, parts: Sequence[bytes]) -> None:
        """`PieceWriter.write`."""
        if self._object is None:
            self._object = self._open()
        self._object.write(self._at, parts)
        self._at += sum(map(len, parts))
        # While the disk writes.
        if self.digest is not None:
            for part in parts:
                self.digest.update(part)

    def _open(self) -> GrowingObject:
        row = self._lock.row
        if self._lock.pieces:
            newest = self._lock.pieces[-1]
            self._at = row.received - newest.start
            # One that was begun in another storage, from which everything moves, stays there.
            with suppress(ObjectNotFound):
                return self._grower.grow(newest.key, self._may_write, begins=False)
        self._at = 0
        piece = new_piece(row, row.received)
        made = self._grower.grow(piece.key, self._may_write, begins=True)
        self._new.append(piece)
        return made

    def flush(self) -> list[PieceRow]:
        """`PieceWriter.flush`."""
        if self._object is not None:
            self._object.flush()
        new, self._new = self._new, []
        return new

    def close(self) -> None:
        """`PieceWriter.close`."""
        if self._object is not None:
            self._object.close()
        # Bytes that do not count for anybody must not stay: a client may send them for ever.
        discard_pieces((each.key for each in self._new), self._storage)
        self._new = []


class _StoredPieces:
    """Collects bytes, and puts them as one piece when they are flushed.

    A small piece is put again together with the bytes that follow it: however few come at once, an
    upload is no more objects than its bytes allow.
    """

    # They are read again, to be put together.
    digest: RunningDigest | None = None

    def __init__(self, lock: UploadLock, storage: Storage) -> None:
        self._row = lock.row
        self._storage = storage
        self._newest = lock.pieces[-1] if lock.pieces else None
        self._end = lock.row.received
        self._start = self._end
        self._held = ArrivingFile()

    def write(self, parts: Sequence[bytes]) -> None:
        """`PieceWriter.write`."""
        if self._start == self._end:
            self._take_small_piece()
        self._held.append(parts)
        self._end += sum(map(len, parts))

    def _take_small_piece(self) -> None:
        """Begin with what the newest piece holds, if that is little."""
        newest = self._newest
        if newest is None or self._end - newest.start >= _SMALL_BYTES:
            return
        self._held.append(list(chunks_of([(newest.key, self._end - newest.start)], self._storage)))
        self._start = newest.start

    def flush(self) -> list[PieceRow]:
        """`PieceWriter.flush`."""
        if self._start == self._end:
            return []
        self._newest = new_piece(self._row, self._start)
        with IncomingFile(self._held.content()) as file:
            self._storage.put(self._newest.key, file)
        self._held = ArrivingFile()
        self._start = self._end
        return [self._newest]

    def close(self) -> None:
        """`PieceWriter.close`."""
        self._held.close()


def discard_pieces(keys: Iterable[str], storage: Storage) -> None:
    """Delete the objects of pieces; what cannot be deleted now is left to the sweeper."""
    for key in keys:
        with suppress(StorageUnavailable):
            storage.delete(key)
