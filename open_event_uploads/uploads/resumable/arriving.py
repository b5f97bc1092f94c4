"""Keep the bytes of one request for a resumable upload, as they arrive."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from open_event_uploads.errors import CommitOutcomeUnknown, ObjectNotFound, UploadsError
from open_event_uploads.fault_points import reach
from open_event_uploads.uploads.checksum import Checksum
from open_event_uploads.uploads.resumable.lock import UploadLock
from open_event_uploads.uploads.resumable.model import PieceRow
from open_event_uploads.uploads.resumable.pieces import PieceWriter, discard_pieces, open_writer
from open_event_uploads.uploads.resumable.place import Place
from open_event_uploads.uploads.resumable.remove import (
    lost_bytes,
    remove,
)
from open_event_uploads.uploads.resumable.rows import acknowledge, release_lock
from open_event_uploads.uploads.resumable.running_digests import DIGESTS, RunningDigest

# In the middle of a request so much is acknowledged at once: what a killed server loses of it. It
# is also the size of a piece where pieces do not grow.
_ACKNOWLEDGED_BYTES = 8 * 1024**2
# And so often, where it comes slowly.
_ACKNOWLEDGED_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Arrived:
    """The bytes of a request that are durable.

    Args:
        lock: under which they were written; its row has how much was acknowledged.
        received: bytes of the upload in all.
        new: pieces that are not in a row yet.
        digest: of all bytes of the upload; None if it is not known.
    """

    lock: UploadLock
    received: int
    new: tuple[PieceRow, ...] = ()
    digest: RunningDigest | None = None


class ArrivingBytes:
    """A receiver of the bytes of one request (`imaging/spool.py`); it needs no Flask.

    With a checksum all of them count, or none; without one, also those that came before a
    connection broke.

    Args:
        lock: under which they are written.
        length: of the whole upload, in bytes; None if it is not known.
        checksum: that they must have; None for any.
        place: where they are kept.
    """

    def __init__(
        self, lock: UploadLock, length: int | None, checksum: Checksum | None, place: Place
    ) -> None:
        self._lock = lock
        self._length = length
        self._place = place
        self._checksum = checksum
        self._digest = hashlib.new(checksum.algorithm) if checksum else None
        self._received = lock.row.received
        self._acknowledged_at = time.monotonic()
        self._has_ended = False
        self._writer: PieceWriter = self._open()

    def append(self, parts: Sequence[bytes]) -> None:
        """`Receiver.append`.

        Raises:
            NotFound: bytes that came before were lost, by a backup that was restored for one; the
                upload is removed.
            As `PieceWriter.write`, and as `acknowledge`.
        """
        with self._ended_on_failure():
            self._append(parts)

    def _append(self, parts: Sequence[bytes]) -> None:
        try:
            self._writer.write(parts)
        except ObjectNotFound:
            remove(self._lock, self._place)
            raise lost_bytes() from None
        self._received += sum(map(len, parts))
        if self._digest is not None:
            for part in parts:
                self._digest.update(part)
        elif self._is_due():
            self._acknowledge(self._received, goes_on=True)

    def finish(self) -> Arrived:
        """Make everything durable, once the request has come to its end.

        Raises:
            ChecksumMismatch, DigestMismatch: it has another checksum; nothing counts of it.
            ChangedMeanwhile: somebody else has the lock.
            StorageFull, StorageUnavailable: what was not acknowledged before may be lost.
        """
        with self._ended_on_failure():
            if self._digest and self._checksum:
                self._checksum.check(self._digest.digest())
            arrived = self._arrived(self._received)
        self._has_ended = True
        return arrived

    def keep(self) -> None:
        """Acknowledge what has come: the rest never will.

        The last byte of the upload is acknowledged with the upload that is made of it. Of an upload
        whose client has not been told its address nothing is kept.
        """
        if self._lock.begins:
            return  # `close` removes it
        is_last = self._received == self._length
        countable = self._received - 1 if is_last else self._received
        if self._digest is None and countable > self._lock.row.received:
            self._acknowledge(countable, goes_on=False)

    def close(self) -> None:
        """`Receiver.close`; the request may have been dropped before its end."""
        self._writer.close()
        self._end()

    @contextmanager
    def _ended_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        """Let nobody wait for a request that has failed, or go on with what it began."""
        if self._has_ended:
            return
        self._has_ended = True
        with suppress(UploadsError):
            if self._lock.begins:
                remove(self._lock, self._place)
            elif self._lock.row.has_writer:
                release_lock(self._lock, engine=self._place.engine)

    def _open(self) -> PieceWriter:
        lock, place = self._lock, self._place
        return open_writer(lock, place.storage, lambda: lock.check(place.engine))

    def _is_due(self) -> bool:
        waiting = self._received - self._lock.row.received
        waited = time.monotonic() - self._acknowledged_at
        is_last = self._received == self._length
        return not is_last and (waiting >= _ACKNOWLEDGED_BYTES or waited > _ACKNOWLEDGED_SECONDS)

    def _acknowledge(self, received: int, *, goes_on: bool) -> None:
        arrived = self._arrived(received)
        reach("append.acknowledge")
        self._lock = acknowledge_arrived(arrived, self._place, goes_on=goes_on)
        self._acknowledged_at = time.monotonic()

    def _arrived(self, received: int) -> Arrived:
        new = tuple(self._writer.flush())
        digest = self._writer.digest if received == self._received else None
        return Arrived(self._lock, received, new, digest)


def acknowledge_arrived(arrived: Arrived, place: Place, *, goes_on: bool = False) -> UploadLock:
    """Commit how much has been received; errors as of `acknowledge`."""
    lock = write_pieces(arrived, partial(acknowledge, goes_on=goes_on), place)
    if arrived.digest is not None:
        DIGESTS.keep(lock.row.id, arrived.received, arrived.digest)
    return lock


def write_pieces(arrived: Arrived, write: Callable[..., UploadLock], place: Place) -> UploadLock:
    """Write the rows of new pieces, and delete the objects that no row names any more.

    Args:
        arrived: the pieces, and how much has been received.
        write: `acknowledge`, or `begin_completion`; errors as of that.
        place: where the upload is kept.
    """
    try:
        lock = write(
            arrived.lock,
            arrived.received,
            arrived.new,
            engine=place.engine,
            policy=place.policy,
        )
    except CommitOutcomeUnknown:
        raise
    except BaseException:
        discard_pieces(_keys(arrived.new), place.storage)
        raise
    discard_pieces(_keys(arrived.lock.pieces) - _keys(lock.pieces), place.storage)
    return lock


def _keys(pieces: Iterable[PieceRow]) -> set[str]:
    return {each.key for each in pieces}
