"""Inspect images made in code, and refuse bytes that are not images."""

import io
import random
import threading

import pytest
from PIL import Image

from open_event_uploads.errors import (
    RefusedFile,
    UnsupportedFileType,
)
from open_event_uploads.imaging.formats import FORMATS, MEDIA_TYPES, ImageFormat
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import inspect_image
from open_event_uploads.imaging.policy import FilePolicy
from tests.images import picture
from tests.unit.imaging.animations import animation

POLICY = FilePolicy(MEDIA_TYPES, max_bytes=1_000_000, max_pixels=1_000_000)

FORMAT_NAMES = [each.pillow_names[0] for each in FORMATS]
every_format = pytest.mark.parametrize("format_", FORMATS, ids=FORMAT_NAMES)
animated = pytest.mark.parametrize("name", ["GIF", "WEBP", "PNG", "AVIF"])


def turned(name: str, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return picture(name, (12, 8), exif=exif.tobytes())


# --- Facts ------------------------------------------------------------------------------------


@every_format
@pytest.mark.parametrize("size", [(12, 8), (1, 1), (7, 100), (100, 7), (8, 8), (333, 1)])
def test_an_image_is_described(format_: ImageFormat, size: tuple[int, int]) -> None:
    content = picture(format_.pillow_names[0], size)
    facts = inspect_image(IncomingFile(content), POLICY)
    assert facts.format == format_
    assert (facts.width, facts.height) == size
    assert facts.frames == 1


def test_a_checksum_is_written_out() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert IncomingFile(b"").checksum == f"sha256:{empty}"


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 5))
def test_a_picture_that_is_not_turned_by_a_quarter(name: str, orientation: int) -> None:
    facts = inspect_image(IncomingFile(turned(name, orientation)), POLICY)
    assert (facts.width, facts.height) == (12, 8)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(5, 9))
def test_a_picture_that_is_turned_by_a_quarter(name: str, orientation: int) -> None:
    facts = inspect_image(IncomingFile(turned(name, orientation)), POLICY)
    assert (facts.width, facts.height) == (8, 12)


@pytest.mark.parametrize("orientation", [0, 9, 65_535])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation: int) -> None:
    facts = inspect_image(IncomingFile(turned("JPEG", orientation)), POLICY)
    assert (facts.width, facts.height) == (12, 8)


# As in production: Pillow warns and reads on.
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("exif", [b"Exif\x00\x00", b"Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff", b"?"])
def test_damaged_exif_is_no_reason_to_refuse(exif: bytes) -> None:
    facts = inspect_image(IncomingFile(picture("JPEG", (12, 8), exif=exif)), POLICY)
    assert (facts.width, facts.height) == (12, 8)


@animated
@pytest.mark.parametrize("count", [2, 7])
def test_the_frames_of_an_animation_are_counted(name: str, count: int) -> None:
    facts = inspect_image(IncomingFile(animation(count, name, (16, 16))), POLICY)
    assert facts.frames == count
    assert (facts.width, facts.height) == (16, 16)


def test_a_multi_picture_object_is_a_jpeg_of_its_first_picture() -> None:
    first, second = Image.new("RGB", (30, 20)), Image.new("RGB", (300, 200))
    stream = io.BytesIO()
    first.save(stream, "MPO", save_all=True, append_images=[second])
    facts = inspect_image(IncomingFile(stream.getvalue()), POLICY)
    assert facts.format.media_type == "image/jpeg"
    assert facts.format.extension == "jpg"
    assert (facts.width, facts.height, facts.frames) == (30, 20, 1)


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("CMYK", "JPEG"),
        ("L", "JPEG"),
        ("1", "PNG"),
        ("P", "PNG"),
        ("LA", "PNG"),
        ("RGBA", "PNG"),
        ("I;16", "PNG"),
        ("P", "GIF"),
        ("RGBA", "WEBP"),
        ("RGBA", "AVIF"),
    ],
)
def test_every_kind_of_pixel_is_decoded(mode: str, name: str) -> None:
    stream = io.BytesIO()
    Image.new(mode, (12, 8)).save(stream, name)
    assert inspect_image(IncomingFile(stream.getvalue()), POLICY).width == 12


def test_a_progressive_jpeg_is_decoded() -> None:
    assert (
        inspect_image(IncomingFile(picture("JPEG", (64, 48), progressive=True)), POLICY).width == 64
    )


@every_format
@pytest.mark.parametrize("tail", [b"\x00", b"<html><script>alert(1)</script>", b"PK\x03\x04" * 9])
def test_what_follows_an_image_does_not_change_what_it_is(
    format_: ImageFormat, tail: bytes
) -> None:
    content = picture(format_.pillow_names[0]) + tail
    facts = inspect_image(IncomingFile(content), POLICY)
    assert facts.format == format_


def test_many_threads_get_their_own_facts() -> None:
    contents = [picture("PNG", (n + 1, 3)) for n in range(40)]
    widths: dict[int, int] = {}

    def inspect(number: int) -> None:
        widths[number] = inspect_image(IncomingFile(contents[number]), POLICY).width

    threads = [threading.Thread(target=inspect, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert widths == {n: n + 1 for n in range(40)}


def test_refusals_leave_room_for_the_next_file() -> None:
    for _ in range(50):
        with pytest.raises(RefusedFile):
            inspect_image(IncomingFile(picture("PNG")[:40]), POLICY)
    assert inspect_image(IncomingFile(picture("PNG")), POLICY).width == 12


# --- Refusals ---------------------------------------------------------------------------------


@every_format
def test_a_type_that_the_policy_does_not_name_is_refused(format_: ImageFormat) -> None:
    others = FilePolicy(MEDIA_TYPES - {format_.media_type}, 1_000_000, 1_000_000)
    with pytest.raises(UnsupportedFileType, match=format_.media_type):
        inspect_image(IncomingFile(picture(format_.pillow_names[0])), others)


@pytest.mark.parametrize("name", ["BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "SGI", "JPEG2000"])
def test_an_image_of_another_format_is_refused(name: str) -> None:
    with pytest.raises(UnsupportedFileType):
        inspect_image(IncomingFile(picture(name, (16, 16))), POLICY)


@pytest.mark.parametrize(
    "content",
    [
        b"\x00",
        b"x",
        b"hello, world",
        b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"<?php system($_GET['c']); ?>",
        b"push graphic-context\nviewbox 0 0 9 9\n",
        b"8BPS\x00\x01",
        b"PK\x03\x04",
        b"\x7fELF",
        b"MZ",
        b'{"data": null}',
        random.Random(7).randbytes(4096),  # noqa: S311 - nothing secret about it
    ],
)
def test_what_is_no_image_is_refused(content: bytes) -> None:
    with pytest.raises(UnsupportedFileType):
        inspect_image(IncomingFile(content), POLICY)


@pytest.mark.parametrize(
    "magic",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"GIF87a",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00",
    ],
)
def test_the_first_bytes_alone_prove_nothing(magic: bytes) -> None:
    for content in (magic, magic + b"\x00" * 64, magic + b"\xff" * 64):
        with pytest.raises(RefusedFile):
            inspect_image(IncomingFile(content), POLICY)


@every_format
def test_an_image_after_something_else_is_refused(format_: ImageFormat) -> None:
    with pytest.raises(RefusedFile):
        inspect_image(IncomingFile(b"<html>" + picture(format_.pillow_names[0])), POLICY)


def test_a_refusal_says_nothing_of_the_inside() -> None:
    with pytest.raises(RefusedFile) as refusal:
        inspect_image(IncomingFile(picture("PNG")[:50]), POLICY)
    assert "PIL" not in refusal.value.detail
    assert "/" not in refusal.value.detail
