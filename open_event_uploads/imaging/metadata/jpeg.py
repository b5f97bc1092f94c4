"""Strip JPEG (ISO/IEC 10918-1, ITU-T T.81, annex B).

The file is read from marker to marker, as libjpeg reads it. Only what libjpeg skips is removed, so
that it decodes the same image.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from open_event_uploads.imaging.metadata.findings import Findings
from open_event_uploads.imaging.metadata.limit import limit_parts
from open_event_uploads.imaging.metadata.result import MetadataUnreadable, Stripped, assemble

# T.81, table B.1.
_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_RESTARTS_AND_TEM = frozenset({*range(0xD0, 0xD8), 0x01})
_APP0, _APP1, _APP2, _APP13, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xEF
# Frames, tables, scans, restart interval, number of lines, hierarchy.
_PICTURE = frozenset(range(0xC0, 0xE0)) - _RESTARTS_AND_TEM - {_SOI}

# Not markers: bytes between two segments, and after the end.
_GARBAGE, _TRAILER = -1, -2

# T.81, B.1.1.2 and B.1.1.5: any number of fill bytes (FF) may precede a marker; in a scan FF 00 is
# a coded FF, and restart markers belong to the scan. So do reserved markers, which libjpeg takes
# for damage.
_MARKER = re.compile(rb"\xff[\x01-\xfe]")
_MARKER_AFTER_SCAN = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")

# ITU-T T.871 (JFIF), 10.1: the bytes before the thumbnail; T.872, 6.5.3: the Adobe segment.
_JFIF, _JFIF_BYTES = b"JFIF\x00", 12
_ADOBE, _ADOBE_BYTES = b"Adobe", 12
# ICC.1:2022, B.4; EXIF 2.32, 4.7.2; XMP part 3, 1.1.3 ("xap/1.0" and "xmp/extension").
_ICC, _EXIF, _XMP = b"ICC_PROFILE\x00", b"Exif\x00\x00", b"http://ns.adobe.com/"
_MAIN_XMP = _XMP + b"xap/1.0/\x00"


class _Part(NamedTuple):
    marker: int
    start: int
    payload: int
    end: int


def strip_jpeg(content: bytes) -> Stripped:
    """Remove application segments that no decoder needs, comments, and bytes after EOI."""
    if not content.startswith(b"\xff\xd8"):
        raise MetadataUnreadable("The file does not begin with SOI.")
    view = memoryview(content)
    findings = Findings()
    head: list[bytes | memoryview] = [view[:2]]
    rest: list[bytes | memoryview] = []
    has_scan = False
    for part in limit_parts(_iter_parts(content)):
        has_scan = has_scan or part.marker == _SOS
        if part.marker in _PICTURE:
            rest.append(view[part.start : part.end])
        else:
            payload = content[part.payload : part.end]
            kept = _strip_part(part.marker, payload, findings, has_scan=has_scan)
            # JFIF must be first (T.871, 10.1), so EXIF is inserted after it.
            (rest if rest or part.marker != _APP0 else head).append(kept)
    if not has_scan:
        raise MetadataUnreadable("The file has no scan.")
    if exif := findings.exif_to_keep():
        head.append(_make_segment(_APP1, _EXIF + exif))
    return assemble(content, findings.removed, head + rest)


def _iter_parts(content: bytes) -> Iterator[_Part]:
    """Iterate over the segments (a scan with its coded data) and the bytes between them."""
    position = 2
    while match := _MARKER.search(content, position):
        start, payload = match.span()
        if content[position:start].strip(b"\xff"):
            yield _Part(_GARBAGE, position, position, start)
        marker = content[start + 1]
        position = payload
        if marker == _EOI:
            yield _Part(marker, start, payload, payload)
            break
        if marker not in _RESTARTS_AND_TEM:
            payload, position = payload + 2, _end_of_segment(content, payload)
        if marker == _SOS:
            after = _MARKER_AFTER_SCAN.search(content, position)
            position = after.start() if after else len(content)
        yield _Part(marker, start, payload, position)
    if position < len(content):
        yield _Part(_TRAILER, position, position, len(content))


def _end_of_segment(content: bytes, start: int) -> int:
    """Find the end of a segment by its length (T.81, B.1.1.4)."""
    length = int.from_bytes(content[start : start + 2], "big")
    if length < 2 or start + length > len(content):  # noqa: PLR2004 - includes its own two bytes
        raise MetadataUnreadable("A segment is longer than the file.")
    return start + length


def _strip_part(marker: int, payload: bytes, findings: Findings, *, has_scan: bool) -> bytes:
    """Return what is kept of a part that is not needed for decoding."""
    kept = b""
    if marker == _APP0 and payload.startswith(_JFIF) and len(payload) > _JFIF_BYTES + 1:
        kept = payload[:_JFIF_BYTES] + b"\x00\x00"
        findings.drop(*(["thumbnail"] if payload != kept else []))
    elif marker == _APP14 and payload.startswith(_ADOBE) and len(payload) >= _ADOBE_BYTES:
        # The segment names the colour transformation.
        kept = payload[:_ADOBE_BYTES]
        findings.drop(*(["other"] if payload != kept else []))
    elif marker == _APP2 and payload.startswith(_ICC):
        kept = payload
    elif marker == _APP1 and payload.startswith(_EXIF):
        _drop_exif(payload[len(_EXIF) :], findings, has_scan=has_scan)
    elif marker == _APP1 and payload.startswith(_XMP):
        findings.drop_xmp(payload)
        if payload.startswith(_MAIN_XMP) and not has_scan:
            findings.xmp = payload
    else:
        findings.drop(_name_of(marker, payload))
    return _make_segment(marker, kept) if kept else b""


def _drop_exif(block: bytes, findings: Findings, *, has_scan: bool) -> None:
    """Record a block: Pillow joins all blocks before a scan, and reads none after it."""
    if has_scan:
        findings.drop_exif(block)
    else:
        findings.exif.append(block)


def _name_of(marker: int, payload: bytes) -> str:
    if marker == _APP0 and payload.startswith(b"JFXX\x00"):
        return "thumbnail"
    names = {_COM: "comment", _APP13: "iptc", _TRAILER: "trailer", _GARBAGE: "other"}
    if not (marker in names or marker in _RESTARTS_AND_TEM or _APP0 <= marker <= _APP15):
        raise MetadataUnreadable("There is a marker that no decoder knows.")
    return names.get(marker, "other")


def _make_segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload
