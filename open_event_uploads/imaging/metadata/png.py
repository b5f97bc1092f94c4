"""Strip PNG (Portable Network Graphics, third edition)."""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from open_event_uploads.imaging.metadata.findings import Findings
from open_event_uploads.imaging.metadata.limit import limit_parts
from open_event_uploads.imaging.metadata.png_text import TYPES, Texts
from open_event_uploads.imaging.metadata.result import MetadataUnreadable, Stripped, assemble

_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# Chunks that change the visible image (sections 11.2 and 11.3): pixels, colours, transparency,
# physical size, background, animation. Every other chunk is text, time, EXIF or private.
_PICTURE = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs hIST sPLT "
    b"acTL fcTL fdAT".split()
)
_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
_LENGTH_TYPE_AND_CRC_BYTES = 12


class _Chunk(NamedTuple):
    type: bytes
    start: int
    end: int

    def data(self, content: bytes) -> bytes:
        return content[self.start + 8 : self.end - 4]

    @property
    def is_critical(self) -> bool:
        """Tell whether decoders must know the chunk (section 5.4, case of the first letter)."""
        return self.type[:1].isupper()

    def is_ignored(self, content: memoryview) -> bool:
        """Tell whether decoders ignore the chunk, as they do an ancillary one with a wrong CRC."""
        if self.is_critical or self.type in _ANIMATION:
            return False
        crc = int.from_bytes(content[self.end - 4 : self.end], "big")
        return zlib.crc32(content[self.start + 4 : self.end - 4]) != crc


def strip_png(content: bytes) -> Stripped:
    """Remove every chunk that does not change the visible image, and bytes after IEND."""
    if not content.startswith(_SIGNATURE):
        raise MetadataUnreadable("The file does not begin with a PNG's signature.")
    view = memoryview(content)
    findings = Findings()
    pieces = [view[: len(_SIGNATURE)]]
    texts = Texts(findings)
    end = len(_SIGNATURE)
    for chunk in limit_parts(_iter_chunks(content)):
        end = chunk.end
        if chunk.is_ignored(view):
            findings.drop("text" if chunk.type in TYPES else "other")
        elif chunk.type in _PICTURE:
            pieces.append(view[chunk.start : chunk.end])
        elif chunk.is_critical:
            raise MetadataUnreadable("A critical chunk is unknown.")
        elif chunk.type in TYPES:
            texts.add(chunk.type, chunk.data(content))
        elif chunk.type == b"eXIf":
            _replace_exif(chunk.data(content), findings)
        else:
            findings.drop("other")
    if end < len(content):
        findings.drop("trailer")
    texts.read()
    if exif := findings.exif_to_keep():
        # After IHDR: the standard requires it before IDAT ("eXIf").
        pieces.insert(2, memoryview(_make_chunk(b"eXIf", exif)))
    return assemble(content, findings.removed, pieces)


def _iter_chunks(content: bytes) -> Iterator[_Chunk]:
    """Iterate over the chunks from IHDR to IEND (sections 5.3 and 5.6)."""
    position = len(_SIGNATURE)
    wanted = b"IHDR"
    while True:
        head = content[position : position + 8]
        end = position + _LENGTH_TYPE_AND_CRC_BYTES + int.from_bytes(head[:4], "big")
        if end > len(content) or not head[4:].isalpha():
            raise MetadataUnreadable("A chunk is longer than the file, or its type is invalid.")
        chunk = _Chunk(head[4:], position, end)
        if wanted not in {b"", chunk.type} or (chunk.type == b"IEND" and chunk.data(content)):
            raise MetadataUnreadable("IHDR is not first, or IEND has data.")
        yield chunk
        if chunk.type == b"IEND":
            return
        wanted = b""
        position = end


def _replace_exif(block: bytes, findings: Findings) -> None:
    """Record the last block, which Pillow reads of several, though the standard allows one."""
    for earlier in findings.exif:
        findings.drop_exif(earlier)
    findings.exif = [block]


def _make_chunk(type_: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(type_ + data)
    return struct.pack(">I", len(data)) + type_ + data + struct.pack(">I", crc)
