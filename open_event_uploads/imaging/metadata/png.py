"""PNG: Portable Network Graphics, third edition."""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from open_event_uploads.imaging.metadata.findings import Findings
from open_event_uploads.imaging.metadata.limit import limited
from open_event_uploads.imaging.metadata.png_text import TYPES, Texts
from open_event_uploads.imaging.metadata.result import MetadataUnreadable, Stripped, stripped

_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# What changes the picture that is seen (sections 11.2 and 11.3): pixels, colours, transparency,
# physical size, background, animation. Every other chunk is text, time, EXIF or somebody's own.
_PICTURE = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs hIST sPLT "
    b"acTL fcTL fdAT".split()
)
_LENGTH_TYPE_AND_CRC_BYTES = 12


class _Chunk(NamedTuple):
    type: bytes
    start: int
    end: int

    def data(self, content: bytes) -> bytes:
        return content[self.start + 8 : self.end - 4]

    @property
    def is_critical(self) -> bool:
        """Whether no decoder may pass over it (section 5.4, the first letter's case)."""
        return self.type[:1].isupper()


def strip_png(content: bytes) -> Stripped:
    """Remove every chunk that does not change the picture, and what follows IEND."""
    if not content.startswith(_SIGNATURE):
        raise MetadataUnreadable("A PNG begins with its signature.")
    view = memoryview(content)
    findings = Findings()
    pieces = [view[: len(_SIGNATURE)]]
    texts = Texts(findings)
    end = len(_SIGNATURE)
    for chunk in limited(_chunks(content)):
        end = chunk.end
        if chunk.type in _PICTURE:
            pieces.append(view[chunk.start : chunk.end])
        elif chunk.is_critical:
            raise MetadataUnreadable("A chunk that must be understood and is not.")
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
        # Right after IHDR, so before IDAT, where the standard would have it ("eXIf").
        pieces.insert(2, memoryview(_chunk(b"eXIf", exif)))
    return stripped(content, findings.removed, pieces)


def _chunks(content: bytes) -> Iterator[_Chunk]:
    """Every chunk from IHDR to IEND (sections 5.3 and 5.6)."""
    position = len(_SIGNATURE)
    wanted = b"IHDR"
    while True:
        head = content[position : position + 8]
        end = position + _LENGTH_TYPE_AND_CRC_BYTES + int.from_bytes(head[:4], "big")
        if end > len(content) or not head[4:].isalpha():
            raise MetadataUnreadable("A chunk is longer than the file, or its name is none.")
        chunk = _Chunk(head[4:], position, end)
        if wanted not in {b"", chunk.type} or (chunk.type == b"IEND" and chunk.data(content)):
            raise MetadataUnreadable("IHDR comes first, and IEND has no data.")
        yield chunk
        if chunk.type == b"IEND":
            return
        wanted = b""
        position = end


def _replace_exif(block: bytes, findings: Findings) -> None:
    """Of several blocks, which the standard does not allow, Pillow reads the last."""
    for earlier in findings.exif:
        findings.drop_exif(earlier)
    findings.exif = [block]


def _chunk(type_: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(type_ + data)
    return struct.pack(">I", len(data)) + type_ + data + struct.pack(">I", crc)
