"""Strip WebP (RFC 9649, section 2)."""

from collections.abc import Iterator
from typing import NamedTuple

from open_event_uploads.imaging.metadata.findings import Findings
from open_event_uploads.imaging.metadata.limit import limit_parts
from open_event_uploads.imaging.metadata.result import MetadataUnreadable, Stripped, assemble

_FILE_HEAD_BYTES, _CHUNK_HEAD_BYTES = 12, 8

# Sections 2.5 to 2.7.
_FIRST = frozenset({b"VP8 ", b"VP8L", b"VP8X"})
_PICTURE = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ICCP"})
_FRAME_PICTURE = frozenset({b"VP8 ", b"VP8L", b"ALPH"})

# Section 2.7: flags and length of VP8X, and the bytes before the chunks of a frame.
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04
_VP8X_BYTES, _FRAME_HEAD_BYTES = 10, 16


class _Chunk(NamedTuple):
    type: bytes
    data: bytes


def strip_webp(content: bytes) -> Stripped:
    """Remove EXIF, XMP, unknown chunks and bytes after the RIFF."""
    end = _FILE_HEAD_BYTES - 4 + int.from_bytes(content[4:8], "little")
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or end > len(content):
        raise MetadataUnreadable("The file is not a RIFF of the length that it claims.")
    findings = Findings()
    findings.drop(*(["trailer"] if end < len(content) else []))
    chunks = list(limit_parts(_iter_chunks(content, _FILE_HEAD_BYTES, end, findings)))
    first = chunks[0] if chunks else _Chunk(b"", b"")
    if first.type not in _FIRST or (first.type == b"VP8X" and len(first.data) != _VP8X_BYTES):
        raise MetadataUnreadable("The file begins neither with an image nor with VP8X.")
    flags = first.data[0] if first.type == b"VP8X" else 0
    kept = [
        _Chunk(chunk.type, data)
        for chunk in chunks[1:]
        if (data := _strip_chunk(chunk, findings, flags)) is not None
    ]
    if exif := findings.exif_to_keep():
        kept.append(_Chunk(b"EXIF", exif))
    if first.type == b"VP8X":
        flags = flags & ~(_EXIF_FLAG | _XMP_FLAG) | (_EXIF_FLAG if exif else 0)
        first = _Chunk(first.type, bytes([flags]) + first.data[1:])
    body = b"WEBP" + b"".join(map(_encode_chunk, [first, *kept]))
    pieces = [b"RIFF", len(body).to_bytes(4, "little"), body]
    return assemble(content, findings.removed, pieces)


def _iter_chunks(content: bytes, start: int, end: int, findings: Findings) -> Iterator[_Chunk]:
    """Iterate over the chunks in a part of the file (section 2.3); record a rest as removed."""
    position = start
    while position + _CHUNK_HEAD_BYTES <= end:
        data = position + _CHUNK_HEAD_BYTES
        size = int.from_bytes(content[data - 4 : data], "little")
        if size > end - data:
            raise MetadataUnreadable("A chunk is longer than its parent.")
        yield _Chunk(content[position : position + 4], content[data : data + size])
        position = data + size + size % 2
    if position < end:
        findings.drop("other")


def _strip_chunk(chunk: _Chunk, findings: Findings, flags: int) -> bytes | None:
    """Return what is kept of a chunk; None if it is removed."""
    if chunk.type in _PICTURE:
        return chunk.data
    if chunk.type == b"ANMF":
        return _strip_frame(chunk.data, findings)
    if chunk.type == b"EXIF":
        # libwebp reads the first of several, and none unless VP8X announces one.
        if flags & _EXIF_FLAG and not findings.exif:
            findings.exif.append(chunk.data)
        else:
            findings.drop_exif(chunk.data)
    elif chunk.type == b"XMP ":
        findings.drop_xmp(chunk.data)
        findings.xmp = findings.xmp or (chunk.data if flags & _XMP_FLAG else b"")
    else:
        findings.drop("other")
    return None


def _strip_frame(data: bytes, findings: Findings) -> bytes:
    """Strip a frame of an animation, which has chunks of its own (section 2.7, "ANMF")."""
    if len(data) < _FRAME_HEAD_BYTES:
        raise MetadataUnreadable("A frame is too short.")
    chunks = list(limit_parts(_iter_chunks(data, _FRAME_HEAD_BYTES, len(data), findings)))
    kept = [chunk for chunk in chunks if chunk.type in _FRAME_PICTURE]
    findings.drop(*(["other"] if len(kept) < len(chunks) else []))
    return data[:_FRAME_HEAD_BYTES] + b"".join(map(_encode_chunk, kept))


def _encode_chunk(chunk: _Chunk) -> bytes:
    size = len(chunk.data)
    return chunk.type + size.to_bytes(4, "little") + chunk.data + bytes(size % 2)
