"""Read metadata in text chunks of a PNG (PNG, third edition, "Textual information")."""

import zlib

from open_event_uploads.imaging.metadata.findings import Findings

TYPES = frozenset({b"tEXt", b"zTXt", b"iTXt"})

# XMP part 3, 1.1.5, and keywords of ImageMagick and ExifTool from before eXIf existed.
_XMP = frozenset({b"XML:com.adobe.xmp", b"Raw profile type xmp"})
_EXIF = frozenset({b"Raw profile type exif", b"Raw profile type APP1"})
_NAMES = {
    **dict.fromkeys(_XMP, "xmp"),
    **dict.fromkeys(_EXIF, "exif"),
    **dict.fromkeys((b"Raw profile type iptc", b"Raw profile type 8bim"), "iptc"),
}

# Pillow's own limit; it refuses an image with a longer text.
_MAX_BYTES = 1024 * 1024


class Texts:
    """The text chunks of a file; some contain its orientation.

    Of several with the same keyword only the last is inflated, as Pillow reads that one: each may
    inflate to a thousand times its size.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._found: dict[bytes, tuple[bytes, bytes]] = {}

    def add(self, type_: bytes, data: bytes) -> None:
        """Record that a text chunk is removed."""
        keyword, _, rest = data.partition(b"\x00")
        self._findings.drop(_NAMES.get(keyword, "text"))
        if keyword in _XMP or keyword in _EXIF:
            self._found[keyword] = (type_, rest)

    def read(self) -> None:
        """Read the collected texts, after the last was added."""
        for keyword, (type_, rest) in self._found.items():
            text = _read_text(type_, rest)
            if keyword in _XMP:
                self._findings.drop_xmp(text)
                self._findings.xmp = text
                continue
            block = _decode_raw_profile(text)
            self._findings.drop_exif(block)
            # An eXIf chunk has precedence.
            self._findings.exif = self._findings.exif or [block]


def _read_text(type_: bytes, rest: bytes) -> bytes:
    """Return the text after the keyword, inflated; empty if that fails."""
    if type_ == b"tEXt":
        return rest
    if type_ == b"zTXt":
        return _inflate(rest[1:])
    is_compressed = rest[:1] == b"\x01"
    _, _, text = rest[2:].partition(b"\x00")[2].partition(b"\x00")
    return _inflate(text) if is_compressed else text


def _inflate(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _MAX_BYTES)
    except zlib.error:
        return b""


def _decode_raw_profile(text: bytes) -> bytes:
    """Decode three lines (empty, a name, a size) followed by hexadecimal digits."""
    try:
        return bytes.fromhex(b"".join(text.split(b"\n")[3:]).decode("ascii"))
    except ValueError:
        return b""
