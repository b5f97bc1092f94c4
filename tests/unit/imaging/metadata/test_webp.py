"""Remove metadata from a WebP and keep everything else."""

import struct

import pytest

from open_event_uploads.imaging.formats import BY_PILLOW_NAME
from open_event_uploads.imaging.metadata import MetadataUnreadable, strip_metadata
from tests.images import picture
from tests.unit.imaging.animations import animation
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

PLAIN = picture("WEBP")
EXTENDED = picture("WEBP", icc_profile=ICC)
FLAGS = 20


def chunk(type_: bytes, data: bytes) -> bytes:
    return type_ + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def with_chunks(content: bytes, *chunks: bytes, flags: int = 0) -> bytes:
    """Chunks at the end, and flags that promise them."""
    body = bytearray(content[8:] + b"".join(chunks))
    body[FLAGS - 8] |= flags
    return b"RIFF" + struct.pack("<I", len(body)) + bytes(body)


def test_a_picture_without_metadata_is_the_very_same_object() -> None:
    assert strip(PLAIN, "WEBP").removed == ()
    assert strip(EXTENDED, "WEBP").removed == ()


@pytest.mark.parametrize("orientation", [None, 1, *range(2, 9)])
@pytest.mark.parametrize("lossless", [False, True])
def test_of_exif_only_the_orientation_stays(orientation: int | None, *, lossless: bool) -> None:
    content = picture("WEBP", exif=camera_exif(orientation), icc_profile=ICC, lossless=lossless)
    result = strip(content, "WEBP")
    assert result.removed == ("exif", "location")
    assert SERIAL.encode() not in result.content
    is_turned = orientation in range(2, 9)
    assert exif_of(result.content) == ({0x0112: orientation} if is_turned else {})
    assert bool(result.content[FLAGS] & 0x08) == is_turned
    assert look_at(result.content).icc_profile == ICC
    assert struct.unpack_from("<I", result.content, 4) == (len(result.content) - 8,)


def test_xmp_goes_and_leaves_the_orientation_where_exif_has_none() -> None:
    result = strip(picture("WEBP", xmp=XMP), "WEBP")
    assert result.removed == ("location", "xmp")
    assert "xmp" not in info_of(result.content)
    assert not result.content[FLAGS] & 0x04
    assert exif_of(result.content) == {0x0112: 6}


def test_what_no_flag_promises_goes_and_says_nothing() -> None:
    content = with_chunks(EXTENDED, chunk(b"EXIF", camera_exif(6)), chunk(b"XMP ", XMP))
    result = strip(content, "WEBP")
    assert result.removed == ("exif", "location", "xmp")
    assert result.content == EXTENDED


def test_of_two_blocks_of_exif_the_first_says_the_orientation() -> None:
    blocks = [chunk(b"EXIF", camera_exif(n)) for n in (3, 6)]
    result = strip(with_chunks(EXTENDED, *blocks, flags=0x08), "WEBP")
    assert exif_of(result.content) == {0x0112: 3}


@pytest.mark.parametrize("content", [PLAIN, EXTENDED])
def test_unknown_chunks_go(content: bytes) -> None:
    result = strip(with_chunks(content, chunk(b"C2PA", b"credentials")), "WEBP")
    assert (result.removed, result.content) == (("other",), content)


def test_what_is_too_short_for_a_chunk_goes() -> None:
    result = strip_metadata(with_chunks(PLAIN, b"rest"), BY_PILLOW_NAME["WEBP"])
    assert (result.removed, result.content) == (("other",), PLAIN)


def test_what_follows_the_end_goes() -> None:
    result = strip(PLAIN + b"PK\x03\x04", "WEBP")
    assert (result.removed, result.content) == (("trailer",), PLAIN)


def test_an_animation_keeps_its_frames_and_they_nothing_else() -> None:
    content = animation(4, "WEBP")
    at = content.index(b"ANMF")
    (size,) = struct.unpack_from("<I", content, at + 4)
    hidden = chunk(b"text", b"hidden")
    frame = chunk(b"ANMF", content[at + 8 : at + 8 + size] + hidden)
    noisy = with_chunks(content[:at] + frame + content[at + 8 + size :])
    assert hidden in noisy
    result = strip(noisy, "WEBP")
    assert (result.removed, result.content) == (("other",), content)


def test_a_last_chunk_without_its_padding_is_understood() -> None:
    content = with_chunks(EXTENDED, chunk(b"EXIF", b"odd"), flags=0x08)[:-1]
    content = content[:4] + struct.pack("<I", len(content) - 8) + content[8:]
    result = strip_metadata(content, BY_PILLOW_NAME["WEBP"])
    assert (result.removed, result.content) == (("exif",), EXTENDED)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        PLAIN[:-1],
        b"RIFX" + PLAIN[4:],
        b"RIFF\x04\x00\x00\x00WEBP",
        with_chunks(PLAIN[:12], chunk(b"EXIF", b"first")),
        with_chunks(PLAIN[:12], chunk(b"VP8X", bytes(9)), PLAIN[12:]),
        with_chunks(EXTENDED, b"XMP \xff\xff\xff\xff"),
        with_chunks(EXTENDED, chunk(b"ANMF", bytes(15))),
        with_chunks(EXTENDED, chunk(b"ANMF", bytes(16) + b"ALPH\xff\xff\xff\xff")),
        with_chunks(EXTENDED, chunk(b"xxxx", b"") * 100_001),
    ],
)
def test_what_is_not_understood_is_refused(content: bytes) -> None:
    with pytest.raises(MetadataUnreadable):
        strip_metadata(content, BY_PILLOW_NAME["WEBP"])
