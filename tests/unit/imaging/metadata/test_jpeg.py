"""Remove metadata from a JPEG and keep everything else."""

import struct

import pytest
from PIL import Image

from open_event_uploads.imaging.formats import BY_PILLOW_NAME
from open_event_uploads.imaging.metadata import MetadataUnreadable, strip_metadata
from tests.images import noise, picture
from tests.unit.imaging.metadata.looks import (
    ICC,
    SERIAL,
    XMP,
    camera_exif,
    exif_of,
    info_of,
    look_at,
    strip,
)

PLAIN = noise((24, 16))
JFIF_END = 20


def segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def with_segments(*segments: bytes, content: bytes = PLAIN) -> bytes:
    """Segments after JFIF."""
    return content[:JFIF_END] + b"".join(segments) + content[JFIF_END:]


def refused(content: bytes) -> None:
    with pytest.raises(MetadataUnreadable):
        strip_metadata(content, BY_PILLOW_NAME["JPEG"])


def test_a_picture_without_metadata_is_the_very_same_object() -> None:
    assert strip(PLAIN, "JPEG").removed == ()


@pytest.mark.parametrize("orientation", [None, 1, *range(2, 9)])
@pytest.mark.parametrize("progressive", [False, True])
def test_of_exif_only_the_orientation_stays(orientation: int | None, *, progressive: bool) -> None:
    content = picture(
        "JPEG", (40, 24), exif=camera_exif(orientation), progressive=progressive, icc_profile=ICC
    )
    result = strip(content, "JPEG")
    assert result.removed == ("exif", "location")
    assert SERIAL.encode() not in result.content
    kept = {0x0112: orientation} if orientation in range(2, 9) else {}
    assert exif_of(result.content) == kept
    assert look_at(result.content).icc_profile == ICC


def test_exif_without_a_place_has_none_to_remove() -> None:
    content = picture("JPEG", exif=camera_exif(3, has_location=False))
    assert strip(content, "JPEG").removed == ("exif",)


def test_orientation_stands_behind_jfif() -> None:
    result = strip(picture("JPEG", exif=camera_exif(8)), "JPEG")
    assert result.content.startswith(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00")
    assert result.content[JFIF_END : JFIF_END + 2] == b"\xff\xe1"


def test_the_thumbnail_in_exif_goes() -> None:
    thumbnail = picture("JPEG", (4, 3), "red")
    first = struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 26)
    second = struct.pack(">HHHIIHHIII", 2, 0x0201, 4, 1, 56, 0x0202, 4, 1, len(thumbnail), 0)
    tiff = b"MM\x00*" + struct.pack(">I", 8) + first + second + thumbnail
    content = with_segments(segment(0xE1, b"Exif\x00\x00" + tiff))
    result = strip(content, "JPEG")
    assert result.removed == ("exif", "thumbnail")
    assert thumbnail not in result.content
    assert look_at(result.content).orientation == 6


def test_thumbnails_in_jfif_go() -> None:
    jfif = b"JFIF\x00\x01\x02\x01\x00\x48\x00\x48\x02\x01RGBRGB"
    extension = segment(0xE0, b"JFXX\x00\x10" + picture("JPEG", (4, 3)))
    content = PLAIN[:2] + segment(0xE0, jfif) + extension + PLAIN[JFIF_END:]
    result = strip(content, "JPEG")
    assert result.removed == ("thumbnail",)
    assert b"RGBRGB" not in result.content
    assert b"JFXX" not in result.content
    assert info_of(result.content)["dpi"] == (72, 72)


@pytest.mark.parametrize(
    ("marker", "payload", "name"),
    [
        (0xFE, b"a comment", "comment"),
        (0xE1, b"http://ns.adobe.com/xmp/extension/\x00 more", "xmp"),
        (0xE1, b"something else", "other"),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x02hi", "iptc"),
        (0xE2, b"FPXR\x00", "other"),
        (0xE0, b"AVI1", "other"),
        (0xEE, b"no Adobe", "other"),
        (0xEB, b"JP\x00\x01 content credentials", "other"),
        (0xEF, b"", "other"),
    ],
)
def test_what_no_decoder_needs_goes(marker: int, payload: bytes, name: str) -> None:
    result = strip(with_segments(segment(marker, payload)), "JPEG")
    assert result.removed == (name,)
    assert result.content == PLAIN


def test_xmp_goes_and_leaves_the_orientation_where_exif_has_none() -> None:
    packet = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + XMP)
    extension = segment(0xE1, b"http://ns.adobe.com/xmp/extension/\x00" + b"more")
    result = strip(with_segments(packet, extension), "JPEG")
    assert result.removed == ("location", "xmp")
    assert exif_of(result.content) == {0x0112: 6}
    upright = segment(0xE1, camera_exif(1))
    result = strip(with_segments(upright, packet), "JPEG")
    assert exif_of(result.content) == {}


def test_what_says_how_colours_are_transformed_stays() -> None:
    adobe = b"Adobe\x00\x64\x00\x00\x00\x00\x00"
    stream = picture("JPEG", (24, 16), "orange", keep_rgb=True)
    assert b"Adobe" in stream
    assert strip(stream, "JPEG").removed == ()
    result = strip(with_segments(segment(0xEE, adobe + b"Ada Lovelace")), "JPEG")
    assert result.removed == ("other",)
    assert result.content == with_segments(segment(0xEE, adobe))


@pytest.mark.parametrize("tail", [b"\x00", b"PK\x03\x04 an archive", PLAIN, b"\xff\xd9" * 3])
def test_what_follows_the_end_goes(tail: bytes) -> None:
    result = strip(PLAIN + tail, "JPEG")
    assert result.removed == ("trailer",)
    assert result.content == PLAIN


def test_further_pictures_of_a_multi_picture_object_go() -> None:
    stream = picture("MPO", (24, 16), save_all=True, append_images=[Image.new("RGB", (40, 30))])
    result = strip(stream, "MPO")
    assert result.removed == ("other", "trailer")
    assert result.content.count(b"\xff\xd8\xff") == 1


def test_what_stands_between_scans_goes() -> None:
    content = picture("JPEG", (40, 24), progressive=True)
    scans = content.split(b"\xff\xda")
    assert len(scans) > 2
    exif = segment(0xE1, camera_exif(6))
    noisy = scans[0] + b"\xff\xda" + (segment(0xFE, b"hidden") + exif + b"\xff\xda").join(scans[1:])
    result = strip(noisy, "JPEG")
    assert result.removed == ("comment", "exif", "location")
    assert result.content == content


def test_fill_bytes_and_garbage_between_segments_are_passed() -> None:
    content = with_segments(b"\xff\xff\xff", segment(0xFE, b"x"), b"\xff\xff")
    assert strip(content, "JPEG").content == PLAIN
    assert strip(with_segments(b"\xff\xff\xff"), "JPEG").removed == ()
    result = strip(with_segments(b"somewhere in Berlin\xff\x00 as well"), "JPEG")
    assert (result.removed, result.content) == (("other",), PLAIN)


def test_restart_markers_are_part_of_the_scan() -> None:
    content = picture("JPEG", (64, 48), restart_marker_blocks=1, comment=b"x")
    assert b"\xff\xd7" in content
    assert strip(content, "JPEG").removed == ("comment",)


def test_a_block_of_exif_in_two_segments_is_one() -> None:
    exif = camera_exif(5)
    halves = segment(0xE1, exif[:40]), segment(0xE1, b"Exif\x00\x00" + exif[40:])
    result = strip(with_segments(*halves), "JPEG")
    assert result.removed == ("exif", "location")
    assert exif_of(result.content) == {0x0112: 5}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        PLAIN[2:],
        PLAIN[:100],
        PLAIN[:JFIF_END] + b"\xff\xd9",
        with_segments(b"\xff\xd8"),
        with_segments(b"\xff\x02\x00\x02"),
        with_segments(b"\xff\xf0\x00\x02"),
        with_segments(b"\xff\xe1\x00\x01"),
        with_segments(b"\xff\xe1\xff\xff"),
        with_segments(segment(0xFE, b"") * 100_001),
    ],
)
def test_what_is_not_understood_is_refused(content: bytes) -> None:
    refused(content)
