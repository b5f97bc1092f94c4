"""Strip GIF (Graphics Interchange Format, version 89a)."""

import re
from collections.abc import Iterator

from open_event_uploads.imaging.metadata.limit import limit_parts
from open_event_uploads.imaging.metadata.reader import Reader
from open_event_uploads.imaging.metadata.result import MetadataUnreadable, Stripped, assemble

# Sections 20, 23 to 27 and appendix A.
_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_PLAIN_TEXT, _GRAPHIC_CONTROL, _COMMENT, _APPLICATION = 0x01, 0xF9, 0xFE, 0xFF
_NEXT_BLOCK = re.compile(rb"[\x21\x2c\x3b]")

# Section 26: identifier and authentication code of the extensions for the number of loops and for
# the ICC profile (ICC.1:2022, B.6).
_APPLICATIONS_KEPT = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"})


def strip_gif(content: bytes) -> Stripped:
    """Remove comments, application data, unknown extensions and bytes after the end."""
    if content[:6] not in {b"GIF87a", b"GIF89a"}:
        raise MetadataUnreadable("The file does not begin with a GIF's signature.")
    view = memoryview(content)
    reader = Reader(content, 10, len(content))
    _skip_palette(reader, after_flags=2)
    pieces = [view[: reader.position]]
    removed = set[str]()
    for start, end, name in limit_parts(_iter_blocks(content, reader)):
        if name:
            removed.add(name)
        else:
            pieces.append(view[start:end])
    return assemble(content, removed, pieces)


def _iter_blocks(content: bytes, reader: Reader) -> Iterator[tuple[int, int, str]]:
    """Iterate over start, end and name of each block; the name is empty for blocks to keep."""
    while match := _NEXT_BLOCK.search(content, reader.position):
        start = match.start()
        if start > reader.position:
            yield (
                reader.position,
                start,
                "other",
            )  # decoders search for the next block in the same way
        reader.position = start
        name = _skip_block(content, reader)
        yield start, reader.position, name
        if content[start] == _TRAILER:
            break
    if reader.left:
        yield reader.position, len(content), "trailer"


def _skip_block(content: bytes, reader: Reader) -> str:
    """Advance to the end of a block; return one of `NAMES` if it is removed, or nothing."""
    name, kind = "", reader.number(1)
    if kind == _IMAGE:
        reader.take(8)
        _skip_palette(reader, after_flags=0)
        reader.take(1)
    elif kind == _EXTENSION:
        name = _name_of_extension(reader)
    if kind != _TRAILER:
        reader.position = _find_end_of_sub_blocks(content, reader.position)
    return name


def _find_end_of_sub_blocks(content: bytes, position: int) -> int:
    """Find the end of a chain of sub-blocks (section 15), of which there may be millions."""
    while position < len(content) and (size := content[position]):
        position += 1 + size
    if position >= len(content):
        raise MetadataUnreadable("A block is longer than the file.")
    return position + 1


def _name_of_extension(reader: Reader) -> str:
    """Read label and identifier of an extension; return its name, or nothing to keep it."""
    label = reader.number(1)
    if label == _COMMENT:
        return "comment"
    first = reader.take(reader.number(1))
    if not first:
        raise MetadataUnreadable("Decoders disagree on where an extension without data ends.")
    # Plain text is drawn on the image (section 25) by decoders that support it: not a comment.
    if label in {_GRAPHIC_CONTROL, _PLAIN_TEXT}:
        return ""
    if label == _APPLICATION and first == b"XMP DataXMP":
        # XMP part 3, 1.1.2: the packet has no sub-blocks, but ends as if it had.
        return "xmp"
    return "" if label == _APPLICATION and first in _APPLICATIONS_KEPT else "other"


def _skip_palette(reader: Reader, *, after_flags: int) -> None:
    """Skip flags and the colour table that they announce (sections 18 and 20)."""
    flags = reader.number(1)
    reader.take(after_flags)
    if flags & 0x80:
        reader.take(3 * 2 ** (1 + (flags & 7)))
