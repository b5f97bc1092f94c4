"""Read the names in the root of a compound file without opening its streams ([MS-CFB], version 11).

A compound file, as Office wrote until 2007, is a small file system: sectors, a table that chains
them, and a directory.
"""

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# Section 2.2: signature, major version, byte order, sector shift, the first sectors of directory
# and of the rest of the list of the table's sectors, and the beginning of that list.
_HEADER = struct.Struct("<8s18xH2sH16xI16xI4x109I")
_LITTLE_ENDIAN = b"\xfe\xff"
# Section 2.2: the version decides about the size of a sector.
_SHIFTS = {3: 9, 4: 12}
_NUMBER = struct.Struct("<I")

# Section 2.6.1: name, its bytes with the final NUL, type, both siblings and the first child.
_ENTRY = struct.Struct("<64sHBx3I48x")
_STREAM = 2
# As many bytes as of a ZIP's directory: some 4,000 entries; presentations have ten.
_MAX_DIRECTORY_BYTES = 512 * 1024


def root_streams(reader: BinaryIO) -> frozenset[str]:
    """Read the names of the streams in the root, and in no storage below it.

    Returns:
        Nothing if the file cannot be read, or if its directory has over 512 KiB.
    """
    try:
        return _names_in_root(b"".join(_directory_sectors(reader)))
    except struct.error:  # something lies outside the file
        return frozenset()


def _directory_sectors(reader: BinaryIO) -> Iterator[bytes]:
    size = reader.seek(0, io.SEEK_END)
    reader.seek(0)
    head = reader.read(_HEADER.size)
    signature, version, order, shift, sector, next_list, *table = _HEADER.unpack(head)
    if (signature, order, shift) != (SIGNATURE, _LITTLE_ENDIAN, _SHIFTS.get(version)):
        return
    sector_bytes = 1 << shift
    count, numbers_each = size // sector_bytes, sector_bytes // _NUMBER.size
    numbers = struct.Struct(f"<{numbers_each}I")
    # A list that is longer than the file needs leads in a circle.
    while next_list < count and len(table) * numbers_each * sector_bytes < size:
        *more, next_list = numbers.unpack(_read_sector(reader, next_list, sector_bytes))
        table += more
    for _ in range(_MAX_DIRECTORY_BYTES // sector_bytes):
        yield _read_sector(reader, sector, sector_bytes)
        place, index = divmod(sector, numbers_each)
        if place >= len(table):
            return
        part_of_table = _read_sector(reader, table[place], sector_bytes)
        (sector,) = _NUMBER.unpack_from(part_of_table, _NUMBER.size * index)
        if sector >= count:  # the end of the chain is a number above all sectors
            return


def _read_sector(reader: BinaryIO, number: int, sector_bytes: int) -> bytes:
    # The header takes the place of one sector.
    reader.seek((number + 1) * sector_bytes)
    return reader.read(sector_bytes)


def _names_in_root(directory: bytes) -> frozenset[str]:
    """Walk the tree of the root's children (section 2.6.4); a hostile one may have circles."""
    entries = list(_ENTRY.iter_unpack(directory[: len(directory) // _ENTRY.size * _ENTRY.size]))
    names, seen = set(), set[int]()
    waiting = [entries[0][-1]] if entries else []
    while waiting:
        number = waiting.pop()
        if number in seen or number >= len(entries):
            continue
        seen.add(number)
        name, name_bytes, kind, left, right, _ = entries[number]
        waiting += [left, right]
        if kind == _STREAM:
            names.add(name[: max(0, name_bytes - 2)].decode("utf-16-le", "replace"))
    return frozenset(names)
