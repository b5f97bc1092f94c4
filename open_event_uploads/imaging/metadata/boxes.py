"""Boxes: ISO/IEC 14496-12 (ISO base media file format), section 4.2."""

from collections.abc import Iterator
from typing import NamedTuple

from open_event_uploads.imaging.metadata.limit import limited
from open_event_uploads.imaging.metadata.reader import Reader
from open_event_uploads.imaging.metadata.result import MetadataUnreadable

_HEAD_BYTES, _LARGE_HEAD_BYTES = 8, 16

# Each entry of a table costs memory. In this much room, 50,000 items can be described.
_MAX_TABLE_BYTES = 1024 * 1024

# Version and flags of a full box.
FULL_BYTES = 4


class Box(NamedTuple):
    """A box.

    Args:
        type: four characters.
        start: where its head begins, bytes from the beginning of the file.
        body: where its content begins; that of a full box begins with its version.
        end: where it ends.
    """

    type: bytes
    start: int
    body: int
    end: int


def read_box(content: bytes, start: int, end: int) -> Box | None:
    """The box that stands here; None where none does that ends before `end`."""
    head = content[start : min(end, start + _LARGE_HEAD_BYTES)]
    size, type_, head_bytes = int.from_bytes(head[:4], "big"), head[4:8], _HEAD_BYTES
    if size == 1:
        size, head_bytes = int.from_bytes(head[8:], "big"), _LARGE_HEAD_BYTES
    elif size == 0:
        size = end - start
    is_box = len(head) >= head_bytes <= size <= end - start and type_.isascii()
    return Box(type_, start, start + head_bytes, start + size) if is_box else None


def boxes(content: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes that fill a part of a file.

    Raises:
        MetadataUnreadable: they don't fill it, or are more than any picture has.
    """
    return limited(_boxes(content, start, end))


def _boxes(content: bytes, start: int, end: int) -> Iterator[Box]:
    while start != end:
        box = read_box(content, start, end)
        if box is None:
            raise MetadataUnreadable("A box does not fit into what it stands in.")
        yield box
        start = box.end


def children(content: bytes, box: Box, skip: int = 0) -> list[Box]:
    """The boxes in a box, after so many bytes of its content.

    Raises:
        MetadataUnreadable: they don't fill it.
    """
    return list(boxes(content, box.body + skip, box.end))


def find(parts: list[Box], type_: bytes) -> Box | None:
    """The only box of a type.

    Raises:
        MetadataUnreadable: there are several, and readers may take either.
    """
    found = [box for box in parts if box.type == type_]
    if len(found) > 1:
        raise MetadataUnreadable("A box that may stand only once stands there twice.")
    return found[0] if found else None


def reader_of(content: bytes, box: Box) -> Reader:
    """Read a box's content, which is a table.

    Raises:
        MetadataUnreadable: it is larger than that of any picture.
    """
    if box.end - box.body > _MAX_TABLE_BYTES:
        raise MetadataUnreadable("A table is larger than that of any picture.")
    return Reader(content, box.body, box.end)
