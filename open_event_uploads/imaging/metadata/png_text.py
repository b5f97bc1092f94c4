"""Read metadata in text chunks of a PNG (PNG, third edition, "Textual information")."""

import zlib

from open_event_uploads.imaging.metadata.findings import Findings
from open_event_uploads.imaging.metadata.result import MetadataUnreadable

TYPES = frozenset({b"tEXt", b"zTXt", b"iTXt"})

# XMP part 3, 1.1.5, and keywords of ImageMagick and ExifTool from before eXIf existed. Viewers read
# the orientation in the first of each.
_XMP, _EXIF = b"XML:com.adobe.xmp", b"Raw profile type exif"
_OTHER_EXIF = b"Raw profile type APP1"
_NAMES = {
    **dict.fromkeys((_XMP, b"Raw profile type xmp"), "xmp"),
    **dict.fromkeys((_EXIF, _OTHER_EXIF), "exif"),
    **dict.fromkeys((b"Raw profile type iptc", b"Raw profile type 8bim"), "iptc"),
}

# An orientation stands near the beginning.
_MAX_BYTES = 1024 * 1024
# Programs that make pictures write down how in megabytes; beyond this it is a bomb.
_MAX_BYTES_OF_ALL = 16 * 1024 * 1024


class Texts:
    """The text chunks of a file; some contain its orientation.

    Of several with the same keyword only the last is read, as Pillow does.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._inflated_bytes = 0
        self._found: dict[bytes, tuple[bytes, bytes]] = {}

    def add(self, type_: bytes, data: bytes) -> None:
        """Record that a text chunk is removed.

        Raises:
            MetadataUnreadable: all texts so far inflate to more than any picture has.
        """
        keyword, _, rest = data.partition(b"\x00")
        if compressed := _compressed_text(type_, rest):
            left = _MAX_BYTES_OF_ALL - self._inflated_bytes
            self._inflated_bytes += len(_inflate(compressed, left + 1))
            if self._inflated_bytes > _MAX_BYTES_OF_ALL:
                raise MetadataUnreadable("Its texts inflate to more than 16 MiB.")
        self._findings.drop(_NAMES.get(keyword, "text"))
        if keyword in {_XMP, _EXIF, _OTHER_EXIF}:
            self._found[keyword] = (type_, rest)

    def read(self) -> None:
        """Read the collected texts, after the last was added."""
        for keyword, (type_, rest) in self._found.items():
            text = _read_text(type_, rest)
            if keyword == _XMP:
                self._findings.drop_xmp(text)
                self._findings.xmp = text
                continue
            block = _decode_raw_profile(text)
            self._findings.drop_exif(block)
            # An eXIf chunk has precedence.
            if keyword == _EXIF and not self._findings.exif:
                self._findings.exif = [block]


def _read_text(type_: bytes, rest: bytes) -> bytes:
    """Return the text after the keyword, inflated; empty if that fails."""
    if compressed := _compressed_text(type_, rest):
        return _inflate(compressed, _MAX_BYTES)
    return _international_text(rest) if type_ == b"iTXt" else rest


def _compressed_text(type_: bytes, rest: bytes) -> bytes:
    """Return the compressed text after the keyword; empty for one that is not compressed."""
    if type_ == b"zTXt":
        return rest[1:]
    is_compressed = type_ == b"iTXt" and rest[:1] == b"\x01"
    return _international_text(rest) if is_compressed else b""


def _international_text(rest: bytes) -> bytes:
    """Return what follows two flags, a language and the keyword in that language."""
    return rest[2:].partition(b"\x00")[2].partition(b"\x00")[2]


def _inflate(data: bytes, max_bytes: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, max_bytes)
    except zlib.error:
        return b""


def _decode_raw_profile(text: bytes) -> bytes:
    """Decode three lines (empty, a name, a size) followed by hexadecimal digits."""
    try:
        return bytes.fromhex(b"".join(text.split(b"\n")[3:]).decode("ascii"))
    except ValueError:
        return b""
