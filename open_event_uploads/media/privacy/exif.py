"""EXIF: what is in it, and the little of it that changes what is seen (EXIF 2.32, TIFF 6.0)."""

import re
import struct
from dataclasses import dataclass

# EXIF 2.32, section 4.5.4, "Orientation"; 1 is a picture as it is stored.
TURNED = frozenset(range(2, 9))

_ORIENTATION = 0x0112
_GPS = 0x8825

# TIFF 6.0, section 2: how the header is written, and by mistake. Pillow reads all four.
_ORDERS = {b"II*\x00": "<", b"MM\x00*": ">", b"II\x00*": "<", b"MM*\x00": ">"}
_SHORT, _LONG = 3, 4
_ENTRY_BYTES = 12

# JPEG's prefix, which some writers put into other formats too, or twice.
_PREFIX = re.compile(rb"(?:Exif\x00\x00){1,2}")

# What Pillow takes for the orientation where EXIF has none (XMP part 2, "TIFF namespace").
_XMP_ORIENTATION = re.compile(rb'tiff:Orientation(?:="|>)([0-9])')


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """What a block of EXIF holds.

    Args:
        orientation: 1 to 8 where the file keeps to the standard; None where it says nothing.
        has_location: whether it has a GPS directory.
        has_thumbnail: whether it has a second directory, which describes the thumbnail.
    """

    orientation: int | None = None
    has_location: bool = False
    has_thumbnail: bool = False

    @property
    def names(self) -> set[str]:
        """What is gone when the block is."""
        location = {"location"} if self.has_location else set[str]()
        return {"exif"} | location | ({"thumbnail"} if self.has_thumbnail else set())


def read_exif(block: bytes) -> ExifFacts:
    """Read the first directory; of a damaged block, what can be read of it."""
    prefix = _PREFIX.match(block)
    tiff = block[prefix.end() :] if prefix else block
    order = _ORDERS.get(tiff[:4])
    if order is None or len(tiff) < _ENTRY_BYTES:
        return ExifFacts()
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    entries = tiff[start + 2 :]
    if not entries:
        return ExifFacts()
    (count,) = struct.unpack_from(f"{order}H", tiff, start)
    size = count * _ENTRY_BYTES
    whole = min(size, len(entries) - len(entries) % _ENTRY_BYTES)
    found = {
        tag: (type_, number, value)
        for tag, type_, number, value in struct.iter_unpack(f"{order}HHI4s", entries[:whole])
    }
    return ExifFacts(
        orientation=_value(order, *found.get(_ORIENTATION, (0, 0, b""))),
        has_location=_GPS in found,
        has_thumbnail=bool(entries[size : size + 4].strip(b"\x00")),
    )


def _value(order: str, type_: int, number: int, value: bytes) -> int | None:
    """One number that stands in its directory entry (TIFF 6.0, section 2, "Value/Offset")."""
    if number != 1 or type_ not in {_SHORT, _LONG}:
        return None
    return int(struct.unpack_from(order + ("H" if type_ == _SHORT else "I"), value)[0])


def xmp_orientation(packet: bytes) -> int | None:
    """The orientation that an XMP packet gives."""
    match = _XMP_ORIENTATION.search(packet)
    return int(match[1]) if match else None


def orientation_only(orientation: int) -> bytes:
    """The smallest EXIF block, which holds an orientation and nothing else."""
    entry = struct.pack(">HHIHH", _ORIENTATION, _SHORT, 1, orientation, 0)
    return b"MM\x00*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
