"""Assemble AVIF files from the boxes of an image that Pillow has written."""

import functools
import struct
from dataclasses import dataclass

from tests.images import picture


def box(type_: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + type_ + body


def full(type_: bytes, *parts: bytes, version: int = 0) -> bytes:
    return box(type_, bytes([version, 0, 0, 0]), *parts)


FTYP = box(b"ftyp", b"avif\x00\x00\x00\x00avifmif1miaf")
HDLR = full(b"hdlr", bytes(4), b"pict", bytes(13))


@functools.cache
def coded() -> tuple[bytes, bytes]:
    """Return a coded image and the box with its properties, which are those of item 1."""
    content = picture("AVIF", (12, 8))
    at = content.index(b"iprp") - 4
    (size,) = struct.unpack_from(">I", content, at)
    data = content.index(b"mdat") + 4
    return content[data:], content[at : at + size]


@dataclass(frozen=True, slots=True)
class Part:
    """An item: its type and its bytes, in one or more extents."""

    type: bytes
    extents: tuple[bytes, ...] = ()
    content_type: bytes = b""
    in_idat: bool = False


def picture_item() -> Part:
    return Part(b"av01", (coded()[0],))


def exif_item(block: bytes) -> Part:
    """Make an item whose TIFF header directly follows its length."""
    return Part(b"Exif", (bytes(4), block))


def xmp_item(packet: bytes) -> Part:
    return Part(b"mime", (packet,), content_type=b"application/rdf+xml")


def avif(
    *items: Part, iref: bytes = b"", more: bytes = b"", version: int = 1, shift: int = 0
) -> bytes:
    """Make a file of these items, the first of which is the image; `shift` misplaces the others."""
    meta = _meta(items, iref + more, version, 0, 0)
    return (
        FTYP
        + _meta(items, iref + more, version, len(FTYP) + len(meta) + 8, shift)
        + box(b"mdat", *(part for item in items if not item.in_idat for part in item.extents))
    )


def _meta(items: tuple[Part, ...], more: bytes, version: int, start: int, shift: int) -> bytes:
    id_ = ">I" if version == 2 else ">H"
    places, infos, idat = b"", b"", b""
    for number, item in enumerate(items, 1):
        method = struct.pack(">H", item.in_idat) if version else b""
        count = len(item.extents)
        places += struct.pack(id_, number) + method + struct.pack(">HH", 0, count)
        for extent in item.extents:
            at = len(idat) if item.in_idat else start
            places += struct.pack(">II", at + (shift if number > 1 else 0), len(extent))
            idat += extent if item.in_idat else b""
            start += 0 if item.in_idat else len(extent)
        name = b"\x00" + (item.content_type + b"\x00" if item.content_type else b"")
        head = struct.pack(id_, number) + bytes(2)
        infos += full(b"infe", head, item.type, name, version=3 if version == 2 else 2)
    return full(
        b"meta",
        HDLR,
        full(b"pitm", b"\x00\x01"),
        full(b"iinf", struct.pack(">H", len(items)), infos),
        full(b"iloc", b"\x44\x00", struct.pack(id_, len(items)), places, version=version),
        coded()[1],
        box(b"idat", idat) if idat else b"",
        more,
    )


def references(*entries: tuple[bytes, int, int]) -> bytes:
    """Make references: each has a type, a source and a target."""
    return full(
        b"iref",
        *(box(type_, struct.pack(">HHH", source, 1, target)) for type_, source, target in entries),
    )
