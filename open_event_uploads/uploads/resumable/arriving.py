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
from open_event_uploads.uploads.resumable.model import PieceRow
from open_event_uploads.uploads.resumable.pieces import PieceWriter, discard_pieces, open_writer
from open_event_uploads.uploads.resumable.place import Place
from open_event_uploads.uploads.resumable.remove import (
    lost_bytes,
    remove,
)
from open_event_uploads.uploads.resumable.rows import acknowledge, release_turn
from open_event_uploads.uploads.resumable.running_digests import DIGESTS, RunningDigest
from open_event_uploads.uploads.resumable.turn import Turn

# In the middle of a request so much is acknowledged at once: what a killed server loses of it. It
# is also the size of a piece where pieces do not grow.
_ACKNOWLEDGED_BYTES = 8 * 1024**2
# And so often, where it comes slowly.
_ACKNOWLEDGED_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Arrived:
    """The bytes of a request that are durable.

    Args:
        turn: under which they were written; its row has how much was acknowledged.
        received: bytes of the upload in all.
        new: pieces that are not in a row yet.
        digest: of all bytes of the upload; None if it is not known.
    """

    turn: Turn
    received: int
    new: tuple[PieceRow, ...] = ()
    digest: RunningDigest | None = None


class ArrivingBytes:
    """A receiver of the bytes of one request (`imaging/spool.py`); it needs no Flask.

    With a checksum all of them count, or none; without one, also those that came before a
    connection broke.

    Args:
        turn: under which they are written.
        length: of the whole upload, in bytes; None if it is not known.
        checksum: that they must have; None for any.
        place: where they are kept.
    """

    def __init__(
        self, turn: Turn, length: int | None, checksum: Checksum | None, place: Place
    ) -> None:
        self._turn = turn
        self._length = length
        self._place = place
        self._checksum = checksum
        self._digest = hashlib.new(checksum.algorithm) if checksum else None
        self._received = turn.row.received
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
            remove(self._turn, self._place)
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
            ChangedMeanwhile: somebody else has the turn.
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
        if self._turn.begins:
            return  # `close` removes it
        is_last = self._received == self._length
        countable = self._received - 1 if is_last else self._received
        if self._digest is None and countable > self._turn.row.received:
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
            if self._turn.begins:
                remove(self._turn, self._place)
            elif self._turn.row.has_writer:
                release_turn(self._turn, engine=self._place.engine)

    def _open(self) -> PieceWriter:
        turn, place = self._turn, self._place
        return open_writer(turn, place.storage, lambda: turn.check(place.engine))

    def _is_due(self) -> bool:
        waiting = self._received - self._turn.row.received
        waited = time.monotonic() - self._acknowledged_at
        is_last = self._received == self._length
        return not is_last and (waiting >= _ACKNOWLEDGED_BYTES or waited > _ACKNOWLEDGED_SECONDS)

    def _acknowledge(self, received: int, *, goes_on: bool) -> None:
        arrived = self._arrived(received)
        reach("append.acknowledge")
        self._turn = acknowledge_arrived(arrived, self._place, goes_on=goes_on)
        self._acknowledged_at = time.monotonic()

    def _arrived(self, received: int) -> Arrived:
        new = tuple(self._writer.flush())
        digest = self._writer.digest if received == self._received else None
        return Arrived(self._turn, received, new, digest)


def acknowledge_arrived(arrived: Arrived, place: Place, *, goes_on: bool = False) -> Turn:
    """Commit how much has been received; errors as of `acknowledge`."""
    turn = write_pieces(arrived, partial(acknowledge, goes_on=goes_on), place)
    if arrived.digest is not None:
        DIGESTS.keep(turn.row.id, arrived.received, arrived.digest)
    return turn


def write_pieces(arrived: Arrived, write: Callable[..., Turn], place: Place) -> Turn:
    """Write the rows of new pieces, and delete the objects that no row names any more.

    Args:
        arrived: the pieces, and how much has been received.
        write: `acknowledge`, or `begin_completion`; errors as of that.
        place: where the upload is kept.
    """
    try:
        turn = write(
            arrived.turn,
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
    discard_pieces(_keys(arrived.turn.pieces) - _keys(turn.pieces), place.storage)
    return turn


def _keys(pieces: Iterable[PieceRow]) -> set[str]:
    return {each.key for each in pieces}
