"""Make files that are no images, each as short as programs recognize it."""

import io
import struct
import zipfile

from tests.compound_files import compound_file

_ODF = "application/vnd.oasis.opendocument."
_OOXML = "application/vnd.openxmlformats-officedocument."


def archive(*entries: tuple[str, bytes]) -> bytes:
    """Make a ZIP with these entries, in this order."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, content in entries:
            file.writestr(zipfile.ZipInfo(name), content)  # without the time of day
    return stream.getvalue()


def open_document(kind: str) -> bytes:
    """Make an Open Document, whose first entry is its media type."""
    return archive(("mimetype", f"{_ODF}{kind}".encode()), ("content.xml", b"<x/>"))


def office_document(*parts: str) -> bytes:
    """Make an Office document of these parts."""
    return archive(("[Content_Types].xml", b"<Types/>"), *((part, b"<x/>") for part in parts))


def slides(*more: str, content: bytes = b"") -> bytes:
    """Make a presentation of PowerPoint 97 to 2003, with more streams if wanted."""
    return compound_file("Current User", "PowerPoint Document", *more, content=content)


def macros(number: int = 1, *, has_macros: int = 1) -> bytes:
    """Make the record in which slides announce macros ([MS-PPT], sections 2.4.10 and 2.4.11)."""
    return struct.pack("<HHIHHIIII", 0x1F, 0x3FF, 20, 2, 0x400, 12, number, has_macros, 2)


def _ogg(packet: bytes) -> bytes:
    # RFC 3533, section 6: one page of one segment.
    return b"OggS\0\x02" + bytes(8 + 4 + 4 + 4) + b"\x01" + bytes([len(packet)]) + packet


def _movie(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + bytes(12) + b"\0\0\0\x08mdat"


def _ebml(kind: bytes) -> bytes:
    return b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82" + bytes([0x80 | len(kind)]) + kind


CSV = 'name,room\n"Ada; Löve","1"\n'.encode()

# By media type, one of each kind that the program knows.
FILES = {
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n%%EOF\n",
    f"{_ODF}presentation": open_document("presentation"),
    f"{_ODF}text": open_document("text"),
    f"{_ODF}spreadsheet": open_document("spreadsheet"),
    "application/vnd.ms-powerpoint": slides(),
    "application/vnd.apple.keynote": archive(("Index/Document.iwa", b""), ("Index/Slide.iwa", b"")),
    f"{_OOXML}presentationml.presentation": office_document("ppt/presentation.xml"),
    f"{_OOXML}wordprocessingml.document": office_document("word/document.xml"),
    f"{_OOXML}spreadsheetml.sheet": office_document("xl/workbook.xml"),
    "text/csv": CSV,
    "audio/mpeg": b"ID3\x04\0\0\0\0\0\0" + b"\xff\xfb\x90\x00" + bytes(100),
    "audio/mp4": _movie(b"M4A "),
    "audio/ogg": _ogg(b"OpusHead\x01\x02"),
    "audio/flac": b"fLaC\0\0\0\x22" + bytes(34),
    "audio/wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(20),
    "video/mp4": _movie(b"isom"),
    "video/quicktime": _movie(b"qt  "),
    "video/ogg": _ogg(b"\x80theora\x03\x02\x01"),
    "video/webm": _ebml(b"webm"),
    "video/matroska": _ebml(b"matroska"),
}

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4" onload="alert(1)">'
    b"<script>alert(2)</script><style>rect{fill:teal}</style>"
    b'<a href="javascript:alert(3)"><rect width="4" height="4" onclick="alert(4)"/></a>'
    b'<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="//evil"/></foreignObject>'
    b'<image href="https://evil.example/spy.png"/></svg>'
)
