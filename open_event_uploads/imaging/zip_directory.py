"""Read the names in a ZIP archive without unpacking it (PKWARE APPNOTE 6.3.10)."""

import io
import struct
from typing import BinaryIO

# Section 4.3.16: the end record, followed by a comment of at most 65,535 bytes.
_END = struct.Struct("<4s4H2IH")
_END_SIGNATURE = b"PK\x05\x06"
_MAX_COMMENT_BYTES = 0xFFFF
# Section 4.3.12: the record before each name in the central directory.
_ENTRY = struct.Struct("<4s6H3I5H2I")
_ENTRY_SIGNATURE = b"PK\x01\x02"
# About 5,000 entries: more than any presentation has.
_MAX_DIRECTORY_BYTES = 512 * 1024


def names_in_zip(reader: BinaryIO) -> frozenset[str] | None:
    """Read the names in a ZIP; return None if there is no directory, or one of over 512 KiB."""
    size = reader.seek(0, io.SEEK_END)
    reader.seek(max(0, size - _END.size - _MAX_COMMENT_BYTES))
    tail = reader.read()
    place = tail.rfind(_END_SIGNATURE, 0, max(0, len(tail) - _END.size + 4))
    if place < 0:
        return None
    *_, directory_bytes, start, _comment_bytes = _END.unpack_from(tail, place)
    if directory_bytes > _MAX_DIRECTORY_BYTES or start > size:
        return None
    reader.seek(start)
    return _names(reader.read(directory_bytes))


def _names(directory: bytes) -> frozenset[str] | None:
    names, place = set(), 0
    while place < len(directory):
        if directory[place : place + 4] != _ENTRY_SIGNATURE or place + _ENTRY.size > len(directory):
            return None
        fields = _ENTRY.unpack_from(directory, place)
        name_bytes, extra_bytes, comment_bytes = fields[10:13]
        place += _ENTRY.size
        names.add(directory[place : place + name_bytes].decode("utf-8", "replace"))
        place += name_bytes + extra_bytes + comment_bytes
    return frozenset(names)
