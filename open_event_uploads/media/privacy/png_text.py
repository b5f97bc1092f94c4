"""What programs put into a PNG's text chunks (PNG, third edition, section 11.3.3)."""

import zlib

from open_event_uploads.media.privacy.findings import Findings

TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})

# XMP part 3, 1.1.5; and what ImageMagick and ExifTool wrote before there was eXIf.
_XMP = frozenset({b"XML:com.adobe.xmp", b"Raw profile type xmp"})
_EXIF = frozenset({b"Raw profile type exif", b"Raw profile type APP1"})
_IPTC = frozenset({b"Raw profile type iptc", b"Raw profile type 8bim"})

# As much as Pillow inflates; a longer text makes it refuse the image.
_MAX_BYTES = 1024 * 1024


def read_text(type_: bytes, data: bytes, findings: Findings) -> bytes | None:
    """Note what a text chunk is, as it goes.

    Args:
        type_: one of `TEXTS`.
        data: of the chunk.
        findings: what is noted down.

    Returns:
        A block of EXIF, if the text is one.
    """
    keyword, _, rest = data.partition(b"\x00")
    if keyword in _XMP:
        packet = _text(type_, rest)
        findings.drop_xmp(packet)
        findings.xmp = packet
    elif keyword in _EXIF:
        block = _from_raw_profile(_text(type_, rest))
        findings.drop_exif(block)
        return block
    else:
        findings.drop("iptc" if keyword in _IPTC else "text")
    return None


def _text(type_: bytes, rest: bytes) -> bytes:
    """What follows the keyword, inflated; nothing where that can't be done."""
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


def _from_raw_profile(text: bytes) -> bytes:
    """Three lines (nothing, a name, a size), and then hexadecimal digits."""
    try:
        return bytes.fromhex(b"".join(text.split(b"\n")[3:]).decode("ascii"))
    except ValueError:
        return b""
