"""Remove metadata from a GIF and keep everything else."""

import pytest

from open_event_uploads.imaging.formats import BY_PILLOW_NAME
from open_event_uploads.imaging.metadata import MetadataUnreadable, strip_metadata
from tests.images import picture
from tests.unit.imaging.animations import animation
from tests.unit.imaging.metadata.looks import look_at, strip

PLAIN = picture("GIF")
# Header, screen descriptor and palette.
BLOCKS = 13 + 3 * 2 ** (1 + (PLAIN[10] & 7))


def extension(label: int, *parts: bytes) -> bytes:
    blocks = b"".join(bytes([len(part)]) + part for part in parts)
    return bytes([0x21, label]) + blocks + b"\x00"


def with_blocks(*blocks: bytes) -> bytes:
    return PLAIN[:BLOCKS] + b"".join(blocks) + PLAIN[BLOCKS:]


XMP = bytes([0x21, 0xFF, 11]) + b"XMP DataXMP<x:xmpmeta/>\x01" + bytes(range(255, -1, -1)) + b"\x00"


def test_a_picture_without_metadata_is_the_very_same_object() -> None:
    assert strip(PLAIN, "GIF").removed == ()
    assert strip(animation(3, "GIF"), "GIF").removed == ()


@pytest.mark.parametrize(
    ("block", "name"),
    [
        (extension(0xFE, b"Ada", b"Lovelace"), "comment"),
        (extension(0xFE), "comment"),
        (XMP, "xmp"),
        (extension(0xFF, b"MGK8BIM0000", b"iptc"), "other"),
        (extension(0xCE, b"unknown"), "other"),
        (b"\x00\x00\x00", "other"),
    ],
)
def test_what_does_not_change_the_picture_goes(block: bytes, name: str) -> None:
    result = strip(with_blocks(block), "GIF")
    assert (result.removed, result.content) == ((name,), PLAIN)


@pytest.mark.parametrize(
    "block",
    [
        extension(0xFF, b"NETSCAPE2.0", b"\x01\x05\x00"),
        extension(0xFF, b"ANIMEXTS1.0", b"\x01\x05\x00"),
        extension(0xFF, b"ICCRGBG1012", b"a colour profile"),
        extension(0xF9, b"\x05\x0a\x00\x00"),
        extension(0x01, bytes(12), b"a text that is drawn"),
    ],
)
def test_what_may_change_the_picture_stays(block: bytes) -> None:
    result = strip(with_blocks(block, extension(0xFE, b"Ada")), "GIF")
    assert (result.removed, result.content) == (("comment",), with_blocks(block))


def test_an_animation_keeps_its_pace() -> None:
    content = animation(5, "GIF")
    at = content.rindex(b"\x21\xf9\x04")
    result = strip(content[:at] + extension(0xFE, b"Ada") + content[at:], "GIF")
    assert result.content == content
    assert {frame.duration for frame in look_at(result.content).frames} == {20}


def test_what_follows_the_end_goes() -> None:
    result = strip(PLAIN + b"PK\x03\x04", "GIF")
    assert (result.removed, result.content) == (("trailer",), PLAIN)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF88a" + PLAIN[6:],
        PLAIN[:BLOCKS][:-1],
        PLAIN[:-3],
        with_blocks(b"\x21\xfe\xff"),
        with_blocks(b"\x21\xff\x00"),
        with_blocks(extension(0xFE) * 100_001),
    ],
)
def test_what_is_not_understood_is_refused(content: bytes) -> None:
    with pytest.raises(MetadataUnreadable):
        strip_metadata(content, BY_PILLOW_NAME["GIF"])
