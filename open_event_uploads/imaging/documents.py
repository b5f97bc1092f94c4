"""Recognise documents, which are containers, by the names in them; nothing is unpacked."""

import re

from open_event_uploads.imaging.compound_file import root_streams
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.zip_directory import names_in_zip

_ODF = "application/vnd.oasis.opendocument."
_OOXML = "application/vnd.openxmlformats-officedocument."

# The part that each kind of Office document has beside `[Content_Types].xml` (ECMA-376, part 1).
_OOXML_PARTS = {
    "ppt/presentation.xml": "presentationml.presentation",
    "word/document.xml": "wordprocessingml.document",
    "xl/workbook.xml": "spreadsheetml.sheet",
}
_MACROS = "vbaProject.bin"
# The slides of Keynote since 2013, and the whole presentation before.
_KEYNOTE = re.compile(r"Index/(?:Master|Template)?Slide[^/]*\.iwa|index\.apxl")

# [MS-PPT], section 2.1.2; [MS-DOC], section 2.1.1; [MS-XLS], section 2.1.2, and Excel 5.
_SLIDES = "PowerPoint Document"
_OTHER_DOCUMENTS = frozenset({"WordDocument", "Workbook", "Book"})
# [MS-PPT], sections 2.4.10 and 2.4.11: the number of the part that holds macros, and that there is
# one.
_MACROS_OF_SLIDES = re.compile(
    rb"\xff\x03\x14\0\0\0\x02\0\0\x04\x0c\0\0\0(?!\0\0\0\0).{4}(?!\0\0\0\0).{4}", re.DOTALL
)
_MACROS_BYTES = 22


def recognize_zip(head: bytes, file: IncomingFile) -> str:
    """Recognise an Open Document, Office without macros or Keynote, and no other ZIP.

    Open Document 1.3, part 2, section 3.3: the first entry is `mimetype`, not compressed and
    without an extra field, so the media type is at a fixed offset.
    """
    with file.reader() as reader:
        names = names_in_zip(reader) or frozenset()
    if head[26:38] == b"\x08\0\0\0mimetype":
        length = int.from_bytes(head[18:22], "little")
        found = head[38 : 38 + length].decode("ascii", "replace")
        return found if found.startswith(_ODF) and "mimetype" in names else ""
    if "[Content_Types].xml" not in names:
        return "application/vnd.apple.keynote" if any(map(_KEYNOTE.fullmatch, names)) else ""
    if any(each.endswith(_MACROS) for each in names):
        return ""
    kinds = (kind for part, kind in _OOXML_PARTS.items() if part in names)
    return f"{_OOXML}{next(kinds, '')}"


def recognize_compound_file(_: bytes, file: IncomingFile) -> str:
    """Recognise a presentation of PowerPoint 97 to 2003 without macros, and no other document."""
    with file.reader() as reader:
        names = root_streams(reader)
    if _SLIDES not in names or names & _OTHER_DOCUMENTS or _has_macros(file):
        return ""
    return "application/vnd.ms-powerpoint"


def _has_macros(file: IncomingFile) -> bool:
    """Tell whether slides announce macros; the record is looked for in the whole file."""
    end = b""
    for chunk in file:
        read = end + chunk
        if _MACROS_OF_SLIDES.search(read):
            return True
        end = read[1 - _MACROS_BYTES :]
    return False
