"""Read boxes (ISO/IEC 14496-12, ISO base media file format, section 4.2)."""

from collections.abc import Iterator
from typing import NamedTuple

from open_event_uploads.imaging.metadata.limit import limit_parts
from open_event_uploads.imaging.metadata.reader import Reader
from open_event_uploads.imaging.metadata.result import MetadataUnreadable

_HEAD_BYTES, _LARGE_HEAD_BYTES = 8, 16

# Each entry of a table costs memory; this size is enough for 50,000 items.
_MAX_TABLE_BYTES = 1024 * 1024

# Size of version and flags of a full box.
FULL_BYTES = 4


class Box(NamedTuple):
    """A box; offsets are bytes from the beginning of the file.

    Args:
        type: four characters.
        start: of its head.
        body: start of its content; that of a full box begins with its version.
        end: of its content.
    """

    type: bytes
    start: int
    body: int
    end: int


def read_box(content: bytes, start: int, end: int) -> Box | None:
    """Read the box at an offset; return None if there is none that fits before `end`."""
    head = content[start : min(end, start + _LARGE_HEAD_BYTES)]
    size, type_, head_bytes = int.from_bytes(head[:4], "big"), head[4:8], _HEAD_BYTES
    if size == 1:
        size, head_bytes = int.from_bytes(head[8:], "big"), _LARGE_HEAD_BYTES
    elif size == 0:
        size = end - start
    is_box = len(head) >= head_bytes <= size <= end - start and type_.isascii()
    return Box(type_, start, start + head_bytes, start + size) if is_box else None


def iter_boxes(content: bytes, start: int, end: int) -> Iterator[Box]:
    """Iterate over the boxes that must fill a part of a file, and not be too many."""
    return limit_parts(_iter_all(content, start, end))


def _iter_all(content: bytes, start: int, end: int) -> Iterator[Box]:
    while start != end:
        box = read_box(content, start, end)
        if box is None:
            raise MetadataUnreadable("A box does not fit into its parent.")
        yield box
        start = box.end


def children(content: bytes, box: Box, skip: int = 0) -> list[Box]:
    """Return the boxes that must fill a box, after `skip` bytes of its content."""
    return list(iter_boxes(content, box.body + skip, box.end))


def find(parts: list[Box], type_: bytes) -> Box | None:
    """Return the box of a type, if any; refuse several, of which readers may use any."""
    found = [box for box in parts if box.type == type_]
    if len(found) > 1:
        raise MetadataUnreadable("A box that may occur only once occurs twice.")
    return found[0] if found else None


def reader_of(content: bytes, box: Box) -> Reader:
    """Open a reader for a box whose content is a table, no larger than that of any image."""
    if box.end - box.body > _MAX_TABLE_BYTES:
        raise MetadataUnreadable("A table is larger than that of any image.")
    return Reader(content, box.body, box.end)
