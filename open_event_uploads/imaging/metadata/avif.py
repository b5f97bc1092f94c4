"""Strip AVIF: AV1 Image File Format 1.1, boxes of ISO/IEC 14496-12, items of ISO/IEC 23008-12.

Nothing is moved, because many parts of a file hold offsets from its beginning: metadata is
overwritten with zeros in place. A box becomes `free` (14496-12, section 8.1.2). An item gets a type
that no reader knows, because an item of type `Exif` must contain EXIF. Orientation is a property of
the image (`irot` and `imir`); readers ignore that in EXIF (23008-12, annex A).
"""

from collections.abc import Iterator

from open_event_uploads.imaging.metadata.boxes import Box, children, find, read_box
from open_event_uploads.imaging.metadata.erasure import Erasure
from open_event_uploads.imaging.metadata.limit import limit_parts
from open_event_uploads.imaging.metadata.meta import erase_meta
from open_event_uploads.imaging.metadata.result import MetadataUnreadable, Stripped
from open_event_uploads.imaging.metadata.spans import Span
from open_event_uploads.imaging.metadata.track import read_track

_KEPT_IN_FILE = frozenset({b"ftyp", b"meta", b"moov", b"mdat"})
_KEPT_IN_MOVIE = frozenset({b"mvhd", b"trak", b"meta", b"mvex"})
_KEPT_IN_TRACK = frozenset({b"tkhd", b"edts", b"tref", b"mdia", b"meta"})


def strip_avif(content: bytes) -> Stripped:
    """Overwrite EXIF, XMP, thumbnails and unknown items and boxes; cut what follows the boxes."""
    top = list(limit_parts(_iter_top_level(content)))
    if not top or top[0].type != b"ftyp":
        raise MetadataUnreadable("The file does not begin with its brands.")
    end = top[-1].end
    erasure = Erasure(content)
    for box in _erase_others(top, _KEPT_IN_FILE, erasure):
        if box.type == b"meta":
            erase_meta(content, box, erasure)
        elif box.type == b"moov":
            _erase_movie(content, box, erasure)
        elif box.type == b"mdat":
            erasure.data.append(Span(box.body, box.end))
    if end < len(content):
        erasure.cut(end)
    return erasure.apply()


def _iter_top_level(content: bytes) -> Iterator[Box]:
    """Iterate over the boxes of the file, up to the first bytes that are not a box."""
    start = 0
    while box := read_box(content, start, len(content)):
        yield box
        start = box.end


def _erase_others(parts: list[Box], kept: frozenset[bytes], erasure: Erasure) -> Iterator[Box]:
    """Erase the boxes of other types, and iterate over those to keep."""
    find(parts, b"meta")
    for box in parts:
        if box.type in kept:
            yield box
        else:
            erasure.erase_box(box)


def _erase_movie(content: bytes, movie: Box, erasure: Erasure) -> None:
    """Erase metadata of an image sequence (23008-12, section 7) and of its tracks."""
    for box in _erase_others(children(content, movie), _KEPT_IN_MOVIE, erasure):
        if box.type == b"meta":
            erase_meta(content, box, erasure)
        elif box.type == b"trak":
            parts = children(content, box)
            erasure.keep(read_track(content, parts))
            for part in _erase_others(parts, _KEPT_IN_TRACK, erasure):
                if part.type == b"meta":
                    erase_meta(content, part, erasure)
