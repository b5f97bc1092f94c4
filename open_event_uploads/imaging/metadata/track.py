"""Read tracks of an image sequence (ISO/IEC 14496-12, sections 8.3 to 8.7)."""

from collections.abc import Iterator

from open_event_uploads.imaging.metadata.boxes import FULL_BYTES, Box, children, find, reader_of
from open_event_uploads.imaging.metadata.result import MetadataUnreadable
from open_event_uploads.imaging.metadata.spans import Span

# ISO/IEC 23008-12, section 7: images, and auxiliary planes such as alpha.
_PICTURES = frozenset({b"pict", b"auxv", b"vide"})

# Section 8.7.5: tables of chunk offsets, and the bytes of an offset.
_OFFSETS = {b"stco": 4, b"co64": 8}


def read_track(content: bytes, parts: list[Box]) -> list[Span]:
    """Return the first byte of each chunk of images in a track, whose boxes are `parts`.

    A track of something else, such as positions of the camera, is refused.
    """
    media = _children_of(content, parts, b"mdia")
    handler = find(media, b"hdlr")
    if handler is None:
        raise MetadataUnreadable("A track has no type.")
    reader = reader_of(content, handler)
    reader.take(FULL_BYTES + 4)
    if reader.take(4) not in _PICTURES:
        raise MetadataUnreadable("A track contains something other than images.")
    table = _children_of(content, _children_of(content, media, b"minf"), b"stbl")
    return [span for box in table if box.type in _OFFSETS for span in _iter_chunks(content, box)]


def _children_of(content: bytes, parts: list[Box], type_: bytes) -> list[Box]:
    box = find(parts, type_)
    return children(content, box) if box else []


def _iter_chunks(content: bytes, box: Box) -> Iterator[Span]:
    reader = reader_of(content, box)
    reader.take(FULL_BYTES)
    for _ in range(reader.number(4)):
        offset = reader.number(_OFFSETS[box.type])
        yield Span(offset, offset + 1)
