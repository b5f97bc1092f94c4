"""Read the pieces of a resumable upload as one file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.storage import Storage
from open_event_uploads.storage.capabilities import grower_of
from open_event_uploads.storage.contract import Grower
from open_event_uploads.uploads.resumable.model import PieceRow
from open_event_uploads.uploads.resumable.running_digests import RunningDigest

_CHUNK_BYTES = 1024 * 1024

# The key of a piece, and how many of its bytes count.
Segment = tuple[str, int]


def segments_of(pieces: Sequence[PieceRow], received: int) -> list[Segment]:
    """Return the key of each piece, and how many of its bytes count."""
    ends = [each.start for each in pieces[1:]] + [received]
    # Of an upload without bytes there are no pieces.
    return [(each.key, end - each.start) for each, end in zip(pieces, ends, strict=False)]


@contextmanager
def whole_file(
    segments: Sequence[Segment],
    storage: Storage,
    may_write: Callable[[], None],
    digest: RunningDigest | None = None,
) -> Iterator[IncomingFile]:
    """Provide the bytes of pieces as one file; a single piece that grew is not copied.

    Args:
        segments: in order.
        storage: where they are.
        may_write: as of `open_writer`.
        digest: of all bytes, if it is known.

    Raises:
        ObjectNotFound: a piece is gone.
        StorageFull, StorageUnavailable: they cannot be read, or not be put together.
    """
    grower = grower_of(storage)
    file = None
    if grower is not None and len(segments) == 1:
        with suppress(ObjectNotFound):
            _cut(*segments[0], grower, may_write)
            file = IncomingFile(storage.open(segments[0][0]), sealed=True, digest=digest)
    with file or IncomingFile.receive(chunks_of(segments, storage)) as found:
        yield found


def _cut(key: str, size: int, grower: Grower, may_write: Callable[[], None]) -> None:
    """Remove from a piece that nobody writes to any more what an interrupted request left.

    Raises:
        ObjectNotFound: it is not there, or is another object already: an upload was nearly made.
    """
    with grower.grow(key, may_write, begins=False) as growing:
        growing.truncate(size)


def chunks_of(segments: Iterable[Segment], storage: Storage) -> Iterator[bytes]:
    """Yield the bytes of pieces that count; errors as of `whole_file`."""
    for key, size in segments:
        with storage.open(key) as reader:
            missing = size
            while missing and (chunk := reader.read(min(missing, _CHUNK_BYTES))):
                missing -= len(chunk)
                yield chunk
            if missing:
                raise ObjectNotFound(key)
