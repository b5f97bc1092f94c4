"""Read what the coded values of a picture mean: coding-independent code points (ITU-T H.273)."""

from collections.abc import Iterator
from typing import NamedTuple

from open_event_uploads.imaging.metadata.boxes import (
    FULL_BYTES,
    Box,
    children,
    find,
    read_box,
    reader_of,
)
from open_event_uploads.imaging.metadata.meta import read_primary
from open_event_uploads.imaging.metadata.reader import Reader
from open_event_uploads.imaging.metadata.result import MetadataUnreadable

_PNG_HEAD_BYTES = 8
# Before the pixels there are few.
_MAX_CHUNKS = 1000


class Cicp(NamedTuple):
    """Colour primaries and transfer characteristics, by their numbers in tables 2 and 3."""

    primaries: int
    transfer: int


def read_cicp(content: bytes) -> Cicp | None:
    """Return the code points of an AVIF or a PNG; None where there are none."""
    try:
        if content[4:8] == b"ftyp":
            return _in_avif(content)
        return _in_png(content) if content.startswith(b"\x89PNG") else None
    except MetadataUnreadable:
        return None


def _in_png(content: bytes) -> Cicp | None:
    """Read the chunk `cICP` (PNG, third edition, section 11.3.2.6), which precedes the pixels."""
    place = _PNG_HEAD_BYTES
    for _ in range(_MAX_CHUNKS):
        reader = Reader(content, place, len(content))
        size, type_ = reader.number(4), reader.take(4)
        if type_ == b"cICP":
            return Cicp(reader.number(1), reader.number(1))
        if type_ == b"IDAT":
            return None
        place = reader.position + size + 4
    return None


def _in_avif(content: bytes) -> Cicp | None:
    """Read the colour box of the primary item (14496-12, section 12.1.5; 23008-12, 6.5.5)."""
    start, meta = 0, None
    while meta is None and (box := read_box(content, start, len(content))):
        start, meta = box.end, box if box.type == b"meta" else None
    parts = children(content, meta, FULL_BYTES) if meta else []
    primary = read_primary(content, find(parts, b"pitm"))
    iprp = find(parts, b"iprp")
    properties = children(content, iprp) if iprp else []
    ipco = find(properties, b"ipco")
    found = children(content, ipco) if ipco else []
    for number in _numbers_of_properties(content, find(properties, b"ipma"), primary):
        box = found[number - 1] if 0 < number <= len(found) else None
        if box and box.type == b"colr" and content[box.body : box.body + 4] == b"nclx":
            reader = reader_of(content, box)
            reader.take(4)
            return Cicp(reader.number(2), reader.number(2))
    return None


def _numbers_of_properties(content: bytes, ipma: Box | None, item: int) -> Iterator[int]:
    """Iterate over the properties of an item, numbered from 1 (23008-12, section 9.3)."""
    if ipma is None:
        return
    reader = reader_of(content, ipma)
    version_and_flags = reader.number(FULL_BYTES)
    id_bytes = 4 if version_and_flags >> 24 else 2
    number_bytes = 2 if version_and_flags & 1 else 1
    for _ in range(reader.number(4)):
        id_ = reader.number(id_bytes)
        for _ in range(reader.number(1)):
            number = reader.number(number_bytes)
            if id_ == item:
                yield number & ((1 << 8 * number_bytes - 1) - 1)
