"""Erase metadata from a meta box of an AVIF (ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12)."""

from open_event_uploads.imaging.metadata.boxes import FULL_BYTES, Box, children, find, reader_of
from open_event_uploads.imaging.metadata.erasure import FREE, Erasure
from open_event_uploads.imaging.metadata.exif import read_exif
from open_event_uploads.imaging.metadata.items import (
    Item,
    Reference,
    read_extents,
    read_items,
    read_references,
)
from open_event_uploads.imaging.metadata.result import MetadataUnreadable
from open_event_uploads.imaging.metadata.spans import Span

_KEPT = frozenset(b"hdlr pitm iinf iloc iref iprp idat grpl dinf ipro".split())
_CODED = frozenset({b"av01", b"hvc1", b"jpeg"})
# Coded images, and images derived from them: grids, overlays, tone maps, higher bit depths.
_PICTURES = _CODED | {b"grid", b"iovl", b"iden", b"tmap", b"sato"}

# 23008-12, section 6.5: descriptions, and times of creation and change.
_DESCRIPTIONS = frozenset({b"udes", b"altt", b"crtt", b"mdft", b"uuid"})


def erase_meta(content: bytes, meta: Box, erasure: Erasure) -> None:
    """Erase every item that is not an image, thumbnails, and unknown boxes."""
    parts = children(content, meta, FULL_BYTES)
    for part in parts:
        if part.type not in _KEPT:
            erasure.erase_box(part)
    iinf, iloc, iref = (find(parts, name) for name in (b"iinf", b"iloc", b"iref"))
    idat = find(parts, b"idat")
    if idat:
        erasure.data.append(Span(idat.body, idat.end))
    _erase_descriptions(content, find(parts, b"iprp"), erasure)
    items = read_items(content, iinf) if iinf else {}
    extents = read_extents(content, iloc, idat) if iloc else {}
    references = list(read_references(content, iref)) if iref else []
    thumbnails = _find_thumbnails(items, references) - {read_primary(content, find(parts, b"pitm"))}
    for id_, item in items.items():
        if id_ in thumbnails or item.type not in _PICTURES:
            _erase_item(content, item, extents.pop(id_, []), erasure)
    for kept in extents.values():
        erasure.keep(kept)


def _erase_item(content: bytes, item: Item, extents: list[Span], erasure: Erasure) -> None:
    if item.type == FREE:
        erasure.clear(extents)
    else:
        erasure.removed |= _names_of(content, item, extents, erasure)
        erasure.erase_item(item.type_offset, extents)


def _names_of(content: bytes, item: Item, extents: list[Span], erasure: Erasure) -> set[str]:
    """Return the names of what is removed with an item."""
    if item.type in _CODED:
        return {"thumbnail"}
    if item.type == b"mime" and item.content_type == b"application/rdf+xml":
        return {"xmp"}
    if item.type != b"Exif":
        return {"other"}
    if "exif" in erasure.removed:
        return {"exif"}  # read it once: thousands of items may share the same bytes
    data = b"".join(content[start:end] for start, end in extents)
    # 23008-12, A.2.1: the number of bytes before the TIFF header.
    return read_exif(data[4 + int.from_bytes(data[:4], "big") :]).names


def _find_thumbnails(items: dict[int, Item], references: list[Reference]) -> set[int]:
    """Find thumbnails (23008-12, 6.4.4) and items that belong to them, such as alpha planes."""
    found = {each.source for each in references if each.type == b"thmb"}
    found |= {each.source for each in references if each.type == b"auxl" and each.targets <= found}
    # Exclude items that were erased earlier.
    found = {id_ for id_ in found if id_ in items and items[id_].type in _PICTURES}
    tiles = {id_ for each in references if each.type == b"dimg" for id_ in each.targets}
    if found & tiles or any(items[id_].type not in _CODED for id_ in found):
        raise MetadataUnreadable("A thumbnail is part of the image, or consists of parts.")
    return found


def read_primary(content: bytes, pitm: Box | None) -> int:
    """Read the id of the primary item (14496-12, 8.11.4); 0 if there is none."""
    if pitm is None:
        return 0
    reader = reader_of(content, pitm)
    version = reader.number(FULL_BYTES) >> 24
    return reader.number(4 if version else 2)


def _erase_descriptions(content: bytes, iprp: Box | None, erasure: Erasure) -> None:
    """Erase descriptive properties in place: properties are numbered by position."""
    container = find(children(content, iprp), b"ipco") if iprp else None
    for box in children(content, container) if container else []:
        if box.type in _DESCRIPTIONS:
            erasure.erase_box(box)
