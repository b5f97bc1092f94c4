"""Recognise files that are not images by their signature; the file name is not considered.

Only the beginning is read, of a ZIP or a compound file its directory, and all of a text. Such a
file is stored as it is, and this program never opens it.
"""

import re
from collections.abc import Callable
from itertools import chain

from open_event_uploads.imaging import compound_file
from open_event_uploads.imaging.documents import recognize_compound_file, recognize_zip
from open_event_uploads.imaging.formats import FILES_BY_MEDIA_TYPE, FileFormat
from open_event_uploads.imaging.incoming import IncomingFile

# MIME Sniffing, section 3: bytes that no text contains.
_BINARY = bytes({*range(0x20)} - {*b"\t\n\f\r\x1b"})

# ISO/IEC 14496-12, section 4.3: the first brand; section 6 of the Registration Authority's list.
_BRANDS = {
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"M4V ": "video/mp4",
    **dict.fromkeys(
        b"isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 mp41 mp42 avc1 M4VH MSNV dash".split(),
        "video/mp4",
    ),
}
# RFC 3533 and the mappings of each codec: the start of the first page's first packet.
_OGG_CODECS = {
    b"\x01vorbis": "audio/ogg",
    b"OpusHead": "audio/ogg",
    b"\x7fFLAC": "audio/ogg",
    b"Speex   ": "audio/ogg",
    b"\x80theora": "video/ogg",
    b"fishead\0": "video/ogg",
}
_OGG_PACKET_AT = 28
# RFC 8794 and RFC 9559: the element DocType, its length in a byte, the name.
_EBML_DOC_TYPE = re.compile(rb"\x42\x82(?:\x84(webm)|\x88(matroska))")
# ISO/IEC 11172-3, section 2.4.2.3: eleven bits of one, layer III, a valid bit rate.
_MPEG_AUDIO = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]")


def recognize(file: IncomingFile) -> FileFormat | None:
    """Recognise a whole file by its signature; return one of `FILE_FORMATS` or None."""
    head = file.head()
    for signature, name in _BY_SIGNATURE.items():
        if head.startswith(signature):
            return FILES_BY_MEDIA_TYPE.get(name(head, file) if callable(name) else name)
    if head[4:8] == b"ftyp":
        return FILES_BY_MEDIA_TYPE.get(_BRANDS.get(head[8:12], ""))
    if _MPEG_AUDIO.match(head):
        return FILES_BY_MEDIA_TYPE["audio/mpeg"]
    return FILES_BY_MEDIA_TYPE["text/csv"] if _is_text(head, file) else None


def _recognize_riff(head: bytes, _: IncomingFile) -> str:
    """Recognise a Resource Interchange File: its type follows its length."""
    return "audio/wav" if head[8:12] == b"WAVE" else ""


def _recognize_ogg(head: bytes, _: IncomingFile) -> str:
    packet = head[_OGG_PACKET_AT:]
    found = (name for codec, name in _OGG_CODECS.items() if packet.startswith(codec))
    return next(found, "")


def _recognize_ebml(head: bytes, _: IncomingFile) -> str:
    match = _EBML_DOC_TYPE.search(head)
    return f"video/{(match[1] or match[2]).decode()}" if match else ""


def _is_text(head: bytes, file: IncomingFile) -> bool:
    """Tell whether a file is text but not markup: no byte of it occurs only in binary files."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start or start.startswith(b"<"):
        return False
    # The head tells it of most images, which are then not read.
    return all(len(each.translate(None, _BINARY)) == len(each) for each in chain([head], file))


_BY_SIGNATURE: dict[bytes, str | Callable[[bytes, IncomingFile], str]] = {
    b"%PDF-": "application/pdf",
    b"ID3": "audio/mpeg",
    b"fLaC": "audio/flac",
    b"RIFF": _recognize_riff,
    b"OggS\0": _recognize_ogg,
    b"\x1a\x45\xdf\xa3": _recognize_ebml,
    b"PK\x03\x04": recognize_zip,
    compound_file.SIGNATURE: recognize_compound_file,
}
