"""AVIF: AV1 Image File Format 1.1, in boxes of ISO/IEC 14496-12 and items of ISO/IEC 23008-12.

Nothing is moved, because offsets from the file's beginning stand all over it: what goes is
overwritten with zeros where it is. A box becomes `free` (14496-12, section 8.1.2). An item gets a
type that nobody reads, because an item of type `Exif` would have to hold EXIF. Orientation is a
property of the picture here (`irot` and `imir`); a reader ignores what EXIF says of it (23008-12,
annex A).
"""

from collections.abc import Iterator

from open_event_uploads.imaging.metadata.boxes import Box, children, find, read_box
from open_event_uploads.imaging.metadata.erasure import Erasure
from open_event_uploads.imaging.metadata.limit import limited
from open_event_uploads.imaging.metadata.meta import erase_meta
from open_event_uploads.imaging.metadata.result import MetadataUnreadable, Stripped
from open_event_uploads.imaging.metadata.spans import Span
from open_event_uploads.imaging.metadata.track import read_track

_KEPT_IN_FILE = frozenset({b"ftyp", b"meta", b"moov", b"mdat"})
_KEPT_IN_MOVIE = frozenset({b"mvhd", b"trak", b"meta", b"mvex"})
_KEPT_IN_TRACK = frozenset({b"tkhd", b"edts", b"tref", b"mdia", b"meta"})


def strip_avif(content: bytes) -> Stripped:
    """Overwrite EXIF, XMP, thumbnails and unknown items and boxes; cut what follows the boxes."""
    top = list(limited(_top_level(content)))
    if not top or top[0].type != b"ftyp":
        raise MetadataUnreadable("An AVIF begins with its brands.")
    end = top[-1].end
    erasure = Erasure(content)
    for box in _cleared(top, _KEPT_IN_FILE, erasure):
        if box.type == b"meta":
            erase_meta(content, box, erasure)
        elif box.type == b"moov":
            _erase_movie(content, box, erasure)
        elif box.type == b"mdat":
            erasure.data.append(Span(box.body, box.end))
    if end < len(content):
        erasure.cut(end)
    return erasure.stripped()


def _top_level(content: bytes) -> Iterator[Box]:
    """The boxes of the file; what no box begins with is not of the file."""
    start = 0
    while box := read_box(content, start, len(content)):
        yield box
        start = box.end


def _cleared(parts: list[Box], kept: frozenset[bytes], erasure: Erasure) -> Iterator[Box]:
    """Erase the boxes that may not stay, and give those that may."""
    find(parts, b"meta")
    for box in parts:
        if box.type in kept:
            yield box
        else:
            erasure.erase_box(box)


def _erase_movie(content: bytes, movie: Box, erasure: Erasure) -> None:
    """An image sequence (23008-12, section 7); its tracks may have metadata of their own."""
    for box in _cleared(children(content, movie), _KEPT_IN_MOVIE, erasure):
        if box.type == b"meta":
            erase_meta(content, box, erasure)
        elif box.type == b"trak":
            parts = children(content, box)
            erasure.keep(read_track(content, parts))
            for part in _cleared(parts, _KEPT_IN_TRACK, erasure):
                if part.type == b"meta":
                    erase_meta(content, part, erasure)
