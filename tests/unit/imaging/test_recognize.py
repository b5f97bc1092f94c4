"""Recognise files by their signatures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from open_event_uploads.imaging.formats import FILE_FORMATS, FORMATS, ImageFormat
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.recognize import recognize
from tests.compound_files import compound_file
from tests.images import animation, picture
from tests.other_files import (
    CSV,
    FILES,
    SVG,
    archive,
    macros,
    office_document,
    open_document,
    slides,
)


def media_type(content: bytes) -> str | None:
    found = recognize(IncomingFile(content))
    return found.media_type if found else None


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_is_known_by_its_signature(kind: str) -> None:
    assert media_type(FILES[kind]) == kind


def test_each_kind_that_settings_can_allow_has_an_example() -> None:
    assert FILES.keys() == {each.media_type for each in FILE_FORMATS}


@pytest.mark.parametrize("format_", FORMATS, ids=lambda each: each.extension)
def test_a_picture_is_none_of_them(format_: ImageFormat) -> None:
    assert media_type(picture(format_.pillow_names[0])) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n\t",
        b"<!doctype html><title>x</title>",
        b"\xef\xbb\xbf  <svg/>",
        SVG,
        b"\x00name,room\n",
        b"name,room\n\x00",
        b" %PDF-1.7\x00",
        b"RIFF\0\0\0\0AVI ",
        b"OggS\0" + bytes(40),
        b"\x1a\x45\xdf\xa3" + bytes(40),
        b"\x1a\x45\xdf\xa3\x42\x82\x88webm",
        b"\0\0\0\x18ftypheic" + bytes(12),
        b"\0\0\0\x18ftyp",
        b"\xff\xfb\xf0\x00",
        b"\xff\xfb\x00\x00",
        b"\x7fELF" + bytes(60),
        b"MZ\x90\0" + bytes(60),
        animation(2),
    ],
)
def test_what_is_something_else_is_not_recognized(content: bytes) -> None:
    assert media_type(content) is None


@pytest.mark.parametrize(
    "content",
    [
        archive(("a.txt", b"a")),
        archive(("META-INF/MANIFEST.MF", b"x"), ("A.class", b"\xca\xfe\xba\xbe")),
        archive(("ppt/presentation.xml", b"x")),
        office_document("visio/document.xml"),
        office_document("ppt/presentation.xml", "ppt/vbaProject.bin"),
        office_document("ppt/presentation.xml", "ppt/vbaProject.bin", "Index/Slide.iwa"),
        open_document("presentation").replace(b"opendocument", b"opendocumenx"),
        open_document("database"),
        archive(("a", b""), ("mimetype", b"application/vnd.oasis.opendocument.text")),
        archive(),
        b"PK\x03\x04",
        b"PK\x03\x04" + bytes(200),
        office_document("ppt/presentation.xml")[:-30],
        open_document("presentation")[:-30],
        open_document("presentation")[:60],
        archive(("Index/Document.iwa", b""), ("Index/Tables/DataList.iwa", b"")),
        archive(("a/Index/Slide.iwa", b"")),
        archive(("Index/Slide.iwa.exe", b"")),
        archive(("index.xml", b"")),
    ],
)
def test_a_zip_that_is_no_document_is_not_recognized(content: bytes) -> None:
    assert media_type(content) is None


@pytest.mark.parametrize(
    "name",
    [
        "index.apxl",
        "Index/Slide.iwa",
        "Index/Slide-12.iwa",
        "Index/MasterSlide-3.iwa",
        "Index/TemplateSlide.iwa",
    ],
)
def test_a_presentation_of_keynote_is_known_by_its_slides(name: str) -> None:
    assert media_type(archive(("a", b""), (name, b""))) == "application/vnd.apple.keynote"


@pytest.mark.parametrize(
    "content",
    [
        compound_file("WordDocument"),
        compound_file("Workbook"),
        # Slides that stand in a text, and a file that claims to be both.
        compound_file("WordDocument", "ObjectPool/_1/PowerPoint Document"),
        slides("WordDocument"),
        compound_file("Current User"),
        compound_file("PowerPoint Document/x"),
        slides()[:600],
        slides(content=bytes(300_000) + macros() + bytes(500)),
        slides(content=bytes(262_144 - 1536 - 10) + macros()),
    ],
    ids=range(9),
)
def test_a_compound_file_that_is_no_plain_presentation_is_not_recognized(content: bytes) -> None:
    assert media_type(content) is None


def test_slides_without_macros_are_recognized() -> None:
    for content in (b"x" * 300_000, macros(0), macros(has_macros=0)):
        assert media_type(slides(content=content)) == "application/vnd.ms-powerpoint"


def test_macros_are_found_in_a_file_on_disk() -> None:
    # It is read in parts, and a record may begin in one and end in the next.
    start = len(slides(content=b"\0")) - 1024
    for place in range(256 * 1024 - start - 25, 256 * 1024 - start + 5):
        content = slides(content=bytes(place) + macros() + bytes(1_000_000))
        assert recognize(IncomingFile.receive([content])) is None
        assert media_type(content) is None


def test_text_is_looked_at_to_its_end() -> None:
    long = CSV * 100_000
    assert media_type(long) == "text/csv"
    assert media_type(long + b"\x01") is None


def test_text_in_an_old_encoding_is_text() -> None:
    assert media_type("Größe;Straße\n".encode("latin-1")) == "text/csv"
    assert media_type(b"\xef\xbb\xbf" + CSV) == "text/csv"


@given(st.sampled_from([*FILES.values(), picture(), SVG]), st.data())
def test_damage_and_noise_never_break_it(content: bytes, data: st.DataObject) -> None:
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(changed)))
    recognize(IncomingFile(bytes(changed[:cut])))
