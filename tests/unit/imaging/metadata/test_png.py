"""Remove metadata from a PNG and keep everything else."""

import struct
import zlib

import pytest
from PIL import PngImagePlugin

from open_event_uploads.imaging.formats import BY_PILLOW_NAME
from open_event_uploads.imaging.metadata import MetadataUnreadable, strip_metadata
from tests.images import animation, picture
from tests.unit.imaging.metadata.looks import (
    ICC,
    SERIAL,
    XMP,
    camera_exif,
    exif_of,
    look_at,
    strip,
)

PLAIN = picture("PNG")
IDAT = PLAIN.index(b"IDAT") - 4
IEND = PLAIN.index(b"IEND") - 4


def chunk(type_: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + type_ + data + struct.pack(">I", zlib.crc32(type_ + data))


def with_chunks(*chunks: bytes, at: int = IDAT) -> bytes:
    return PLAIN[:at] + b"".join(chunks) + PLAIN[at:]


def raw_profile(block: bytes) -> bytes:
    """As ImageMagick writes it."""
    return f"\nexif\n{len(block):8}\n{block.hex()}\n".encode()


def test_a_picture_without_metadata_is_the_very_same_object() -> None:
    assert strip(PLAIN, "PNG").removed == ()


@pytest.mark.parametrize("orientation", [None, 1, *range(2, 9)])
def test_of_exif_only_the_orientation_stays(orientation: int | None) -> None:
    content = picture("PNG", exif=camera_exif(orientation), icc_profile=ICC)
    result = strip(content, "PNG")
    assert result.removed == ("exif", "location")
    assert SERIAL.encode() not in result.content
    assert exif_of(result.content) == ({0x0112: orientation} if orientation in range(2, 9) else {})
    assert look_at(result.content).icc_profile == ICC


def test_orientation_stands_before_the_pixels_though_it_stood_behind_them() -> None:
    result = strip(with_chunks(chunk(b"eXIf", camera_exif(6)[6:]), at=IEND), "PNG")
    assert result.content.index(b"eXIf") < result.content.index(b"IDAT")


def test_of_two_blocks_of_exif_the_last_says_the_orientation() -> None:
    first, second = (chunk(b"eXIf", camera_exif(n)[6:]) for n in (3, 6))
    result = strip(with_chunks(first, second), "PNG")
    assert exif_of(result.content) == {0x0112: 6}


def test_texts_go() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Ada Lovelace")
    info.add_text("Comment", "Ada Lovelace", zip=True)
    info.add_itxt("Title", "Ada Lovelace", "en", "Titel")
    info.add_itxt("XML:com.adobe.xmp", XMP.decode().replace("tiff:", ""))
    result = strip(picture("PNG", pnginfo=info), "PNG")
    assert result.removed == ("location", "text", "xmp")
    assert result.content == PLAIN


def test_iptc_in_a_text_goes() -> None:
    text = chunk(b"tEXt", b"Raw profile type iptc\x00\niptc\n 2\n3842")
    assert strip(with_chunks(text), "PNG").removed == ("iptc",)


@pytest.mark.parametrize("is_compressed", [False, True])
def test_xmp_goes_and_leaves_the_orientation_where_exif_has_none(*, is_compressed: bool) -> None:
    flags = b"\x01\x00" if is_compressed else b"\x00\x00"
    text = zlib.compress(XMP) if is_compressed else XMP
    data = b"XML:com.adobe.xmp\x00" + flags + b"en\x00titel\x00" + text
    result = strip(with_chunks(chunk(b"iTXt", data)), "PNG")
    assert result.removed == ("location", "xmp")
    assert exif_of(result.content) == {0x0112: 6}


def test_exif_in_a_text_goes_and_leaves_the_orientation() -> None:
    profile = raw_profile(camera_exif(8))
    plain = chunk(b"tEXt", b"Raw profile type exif\x00" + profile)
    packed = chunk(b"zTXt", b"Raw profile type exif\x00\x00" + zlib.compress(profile))
    for text in (plain, packed):
        result = strip(with_chunks(text), "PNG")
        assert result.removed == ("exif", "location")
        assert exif_of(result.content) == {0x0112: 8}
    result = strip(with_chunks(packed, chunk(b"eXIf", camera_exif(3)[6:])), "PNG")
    assert exif_of(result.content) == {0x0112: 3}


@pytest.mark.parametrize(
    "data", [b"\x00\x00no zlib", b"\x00\x00" + zlib.compress(b"\n\n\nno digits"), b"", b"\x00"]
)
def test_exif_in_a_damaged_text_goes(data: bytes) -> None:
    damaged = with_chunks(chunk(b"zTXt", b"Raw profile type exif" + data))
    result = strip_metadata(damaged, BY_PILLOW_NAME["PNG"])
    assert (result.removed, result.content) == (("exif",), PLAIN)


@pytest.mark.parametrize("type_", [b"tIME", b"caBX", b"iDOT", b"vpAg", b"prVt", b"oFFs"])
def test_what_does_not_change_the_picture_goes(type_: bytes) -> None:
    result = strip(with_chunks(chunk(type_, b"\x07\xe8\x01\x01\x01\x01\x01")), "PNG")
    assert (result.removed, result.content) == (("other",), PLAIN)


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        (b"gAMA", struct.pack(">I", 45455)),
        (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
        (b"sRGB", b"\x00"),
        (b"cICP", b"\x09\x10\x00\x01"),
        (b"mDCV", bytes(24)),
        (b"cLLI", bytes(8)),
        (b"sBIT", b"\x08\x08\x08"),
        (b"bKGD", bytes(6)),
        (b"tRNS", bytes(6)),
        (b"pHYs", struct.pack(">IIB", 2835, 2835, 1)),
        (b"sPLT", b"name\x00\x08"),
    ],
)
def test_what_changes_the_picture_stays(type_: bytes, data: bytes) -> None:
    content = with_chunks(chunk(type_, data), chunk(b"tIME", bytes(7)))
    result = strip(content, "PNG")
    assert (result.removed, result.content) == (("other",), with_chunks(chunk(type_, data)))


def test_an_animation_keeps_its_frames() -> None:
    content = animation(4, "PNG")
    at = content.index(b"fdAT") - 4
    noisy = content[:at] + chunk(b"tEXt", b"a\x00b") + content[at:]
    result = strip(noisy, "PNG")
    assert (result.removed, result.content) == (("text",), content)


def test_what_follows_the_end_goes() -> None:
    result = strip(PLAIN + b"PK\x03\x04", "PNG")
    assert (result.removed, result.content) == (("trailer",), PLAIN)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        PLAIN[:8],
        PLAIN[:IDAT],
        PLAIN[:-1],
        PLAIN[:8] + PLAIN[IDAT:],
        PLAIN[:IEND] + chunk(b"IEND", b"Berlin"),
        with_chunks(chunk(b"CgBI", bytes(4))),
        with_chunks(chunk(b"t3Xt", bytes(4))),
        with_chunks(b"\xff\xff\xff\xfftEXt"),
        with_chunks(chunk(b"tEXt") * 100_001),
    ],
)
def test_what_is_not_understood_is_refused(content: bytes) -> None:
    with pytest.raises(MetadataUnreadable):
        strip_metadata(content, BY_PILLOW_NAME["PNG"])
