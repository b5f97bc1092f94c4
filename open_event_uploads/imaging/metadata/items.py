"""Read the items of a meta box (ISO/IEC 14496-12, section 8.11; ISO/IEC 23008-12, HEIF)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from open_event_uploads.imaging.metadata.boxes import (
    FULL_BYTES,
    Box,
    children,
    iter_boxes,
    reader_of,
)
from open_event_uploads.imaging.metadata.reader import Reader
from open_event_uploads.imaging.metadata.result import MetadataUnreadable
from open_event_uploads.imaging.metadata.spans import Span

_IN_FILE, _IN_IDAT = 0, 1


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the item information box (8.11.6).

    Args:
        type: four characters.
        type_offset: of the type, bytes from the beginning of the file.
        content_type: of an item of type `mime`.
    """

    type: bytes
    type_offset: int
    content_type: bytes


class Reference(NamedTuple):
    """A reference from an item to others (8.11.12)."""

    type: bytes
    source: int
    targets: frozenset[int]


def read_items(content: bytes, iinf: Box) -> dict[int, Item]:
    """Read all items by id (8.11.6)."""
    found: dict[int, Item] = {}
    reader = reader_of(content, iinf)
    reader.take(4 if _read_version(reader) else 2)
    for box in iter_boxes(content, reader.position, iinf.end):
        entry = reader_of(content, box)
        version = _read_version(entry)
        if box.type != b"infe" or version not in {2, 3}:
            raise MetadataUnreadable("An item has no type.")
        id_ = entry.number(version * 2 - 2)
        entry.take(2)
        type_offset = entry.position
        type_ = entry.take(4)
        entry.text()
        content_type = entry.text() if type_ == b"mime" else b""
        if id_ in found:
            raise MetadataUnreadable("Two items have the same id.")
        found[id_] = Item(type_, type_offset, content_type)
    return found


def read_extents(content: bytes, iloc: Box, idat: Box | None) -> dict[int, list[Span]]:
    """Read the extents of each item's bytes, by id (8.11.3)."""
    reader = reader_of(content, iloc)
    version = _read_version(reader)
    sizes = reader.number(2)
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    index = index if version in {1, 2} else 0
    if version not in {0, 1, 2} or offset + length == 0:
        # Without sizes a few bytes could describe thousands of extents.
        raise MetadataUnreadable("Extents of items are written in an unknown way.")
    id_bytes = 4 if version == 2 else 2  # noqa: PLR2004 - the version with long ids
    found: dict[int, list[Span]] = {}
    for _ in range(reader.number(id_bytes)):
        id_ = reader.number(id_bytes)
        method = reader.number(2) & 15 if version else _IN_FILE
        if id_ in found or reader.number(2):
            raise MetadataUnreadable("An item is located twice, or in another file.")
        within = _find_base(content, method, reader.number(base), idat)
        found[id_] = [
            _read_extent(reader, within, index, offset, length) for _ in range(reader.number(2))
        ]
    return found


def _find_base(content: bytes, method: int, base: int, idat: Box | None) -> Span:
    """Return the part of the file that an item's offsets refer to."""
    if method == _IN_FILE:
        return Span(base, len(content))
    if method == _IN_IDAT and idat is not None:
        return Span(idat.body + base, idat.end)
    raise MetadataUnreadable("An item consists of bytes of other items.")


def _read_extent(reader: Reader, within: Span, index: int, offset: int, length: int) -> Span:
    reader.take(index)
    start = within.start + reader.number(offset)
    # Length 0: up to the end (8.11.3.3, "extent_length").
    end = start + size if (size := reader.number(length)) else within.end
    if end > within.end:
        raise MetadataUnreadable("An item is not in the file.")
    return Span(start, end)


def read_references(content: bytes, iref: Box) -> Iterator[Reference]:
    """Iterate over the references between items (8.11.12)."""
    id_bytes = 4 if _read_version(reader_of(content, iref)) else 2
    for box in children(content, iref, FULL_BYTES):
        reader = reader_of(content, box)
        source = reader.number(id_bytes)
        count = reader.number(2)
        yield Reference(box.type, source, frozenset(reader.number(id_bytes) for _ in range(count)))


def _read_version(reader: Reader) -> int:
    """Read the version of a full box, and skip its flags."""
    return reader.number(FULL_BYTES) >> 24
