"""Read EXIF as far as it changes what is seen or names a place (EXIF 2.32, TIFF 6.0)."""

import re
import struct
from dataclasses import dataclass
from typing import TypeAlias

# EXIF 2.32, section 4.5.4, "Orientation"; 1 is an image shown as it is stored.
TURNED = frozenset(range(2, 9))

_ORIENTATION = 0x0112
_GPS = 0x8825

# TIFF 6.0, section 2: valid headers and two frequent mistakes. Pillow reads all four.
_ORDERS = {b"II*\x00": "<", b"MM\x00*": ">", b"II\x00*": "<", b"MM*\x00": ">"}
_SHORT = 3
_ENTRY_BYTES = 12

# Tag, type, number of values, value or its offset.
_Entry: TypeAlias = tuple[int, int, int, bytes]

# TIFF 6.0, section 2, "Types", and BigTIFF's: bytes of one value, and formats of integers.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_NUMBERS = {_SHORT: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q"}

# JPEG's prefix, which some writers also put into other formats, or write twice.
_PREFIX = re.compile(rb"(?:Exif\x00\x00){1,2}")

# Pillow uses this orientation where EXIF has none (XMP part 2, "TIFF namespace").
_XMP_ORIENTATION = re.compile(rb'tiff:Orientation(?:="|>)([0-9])')


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """The facts in a block of EXIF.

    Args:
        orientation: 1 to 8 in a valid file; None if there is none.
        has_location: there is a GPS directory.
        has_thumbnail: there is a second directory, which describes the thumbnail.
    """

    orientation: int | None = None
    has_location: bool = False
    has_thumbnail: bool = False

    @property
    def names(self) -> set[str]:
        """The names of what the block contains."""
        location = {"location"} if self.has_location else set[str]()
        return {"exif"} | location | ({"thumbnail"} if self.has_thumbnail else set())


def read_exif(block: bytes) -> ExifFacts:
    """Read the first directory; of a damaged block, as much as possible."""
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
    directory = list(struct.iter_unpack(f"{order}HHI4s", entries[:whole]))
    return ExifFacts(
        orientation=_find_orientation(tiff, order, directory),
        has_location=any(tag == _GPS for tag, *_ in directory),
        has_thumbnail=bool(entries[size : size + 4].strip(b"\x00")),
    )


def _find_orientation(tiff: bytes, order: str, directory: list[_Entry]) -> int | None:
    """Find the orientation as Pillow does, also among damaged or repeated entries."""
    seen = set[int]()
    total = 0
    for tag, type_, number, value in directory:
        size = number * _SIZES.get(type_, 0)
        if tag in seen or size == 0:
            continue
        data = value
        if size > len(value):  # then it is the value's offset (TIFF 6.0, "Value/Offset")
            total += size
            (offset,) = struct.unpack(f"{order}I", value)
            if total > len(tiff):
                continue
            if offset + size > len(tiff):
                return None  # Pillow stops here
            data = tiff[offset : offset + 8]
        if tag == _ORIENTATION:
            number_type = _NUMBERS.get(type_)
            return int(struct.unpack_from(order + number_type, data)[0]) if number_type else 0
        seen.add(tag)
    return None


def xmp_orientation(packet: bytes) -> int | None:
    """Return the orientation in an XMP packet, if there is one."""
    match = _XMP_ORIENTATION.search(packet)
    return int(match[1]) if match else None


def orientation_only(orientation: int) -> bytes:
    """Make the smallest EXIF block with an orientation."""
    entry = struct.pack(">HHIHH", _ORIENTATION, _SHORT, 1, orientation, 0)
    return b"MM\x00*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
