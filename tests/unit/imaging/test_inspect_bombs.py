"""Refuse small files that claim to be large images, before anything is decoded."""

import struct

import pytest

from open_event_uploads.errors import RefusedFile, TooManyFrames, TooManyPixels
from open_event_uploads.imaging.formats import MEDIA_TYPES
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import inspect_image
from open_event_uploads.imaging.policy import FilePolicy
from tests.cpu_time import within_cpu_time
from tests.images import noise, picture, png_that_claims
from tests.unit.imaging.animations import animation

POLICY = FilePolicy(MEDIA_TYPES, max_bytes=5_000_000, max_pixels=50_000_000)


def refusal_of(content: bytes, policy: FilePolicy = POLICY) -> TooManyPixels:
    """Return the refusal, which must be immediate."""

    def refuse() -> TooManyPixels:
        with pytest.raises(TooManyPixels) as refusal:
            inspect_image(IncomingFile(content), policy)
        return refusal.value

    return within_cpu_time(0.05, refuse)


def gif(canvas: tuple[int, int], *frames: tuple[int, int, int, int]) -> bytes:
    """Make a GIF with empty frames; each is left, top, width, height."""
    blocks = b"".join(
        b"\x2c" + struct.pack("<HHHH", *frame) + b"\x00" + b"\x02\x02\x44\x01\x00"
        for frame in frames
    )
    palette = b"\x00\x00\x00\xff\xff\xff"
    return b"GIF89a" + struct.pack("<HH", *canvas) + b"\x80\x00\x00" + palette + blocks + b"\x3b"


def patched(content: bytes, at: int, value: bytes) -> bytes:
    return content[:at] + value + content[at + len(value) :]


@pytest.mark.parametrize(
    ("width", "height"), [(60_000, 60_000), (20_000, 20_000), (14_143, 14_143), (50_000_001, 1)]
)
def test_a_png_of_70_bytes_that_claims_a_flood(width: int, height: int) -> None:
    content = png_that_claims(width, height)
    assert len(content) < 80
    refusal = refusal_of(content)
    assert (refusal.limit, refusal.actual) == (50_000_000, width * height)


def test_a_png_that_claims_as_much_as_there_is() -> None:
    refusal = refusal_of(png_that_claims(2**31 - 1, 2**31 - 1))
    assert refusal.actual == (2**31 - 1) ** 2


def test_a_jpeg_that_claims_a_flood() -> None:
    content = noise((16, 16))
    at = content.index(b"\xff\xc0") + 5
    refusal = refusal_of(patched(content, at, struct.pack(">HH", 65_500, 65_500)))
    assert (refusal.limit, refusal.actual) == (50_000_000, 65_500**2)


def test_a_gif_whose_canvas_claims_a_flood() -> None:
    refusal = refusal_of(patched(animation(2, "GIF"), 6, struct.pack("<HH", 65_535, 65_535)))
    assert (refusal.limit, refusal.actual) == (50_000_000, 65_535**2)


def test_a_gif_whose_frame_is_larger_than_its_canvas() -> None:
    content = gif((1, 1), (0, 0, 60_000, 60_000))
    assert refusal_of(content).actual == 60_000**2


def test_a_gif_whose_second_frame_is_larger_than_its_canvas() -> None:
    content = gif((1, 1), (0, 0, 1, 1), (0, 0, 60_000, 60_000))
    assert refusal_of(content).actual == 60_000**2


def test_a_gif_whose_second_frame_is_somewhat_larger_than_its_canvas() -> None:
    content = gif((1, 1), (0, 0, 1, 1), (0, 0, 8_000, 8_000))
    assert refusal_of(content).actual == 8_000**2


@pytest.mark.parametrize("disposal", range(4))
def test_no_canvas_is_made_for_a_later_frame_that_is_too_large(disposal: int) -> None:
    # Pillow allocates the area to be restored as soon as it reads the frame's position.
    control = b"\x21\xf9\x04" + bytes([disposal << 2]) + b"\x00\x00\x00\x00"
    content = gif((1, 1), (0, 0, 1, 1), (0, 0, 14_000, 14_000))
    at = content.rindex(b"\x2c")
    refusal = refusal_of(content[:at] + control + content[at:])
    assert (refusal.limit, refusal.actual) == (50_000_000, 14_000**2)


def test_a_webp_whose_canvas_claims_a_flood() -> None:
    content = animation(2, "WEBP", (8, 8))
    at = content.index(b"VP8X") + 12
    side = (16_000 - 1).to_bytes(3, "little")
    with pytest.raises(TooManyPixels) as refusal:
        inspect_image(IncomingFile(patched(content, at, side + side)), POLICY)
    assert (refusal.value.limit, refusal.value.actual) == (50_000_000, 16_000**2)


@pytest.mark.parametrize("side", [8_000, 15_000, 2**31 - 1])
def test_an_avif_that_claims_a_flood(side: int) -> None:
    content = picture("AVIF", (8, 8))
    at = content.index(b"ispe") + 8
    file = patched(content, at, struct.pack(">II", side, side))

    def refuse() -> None:
        with pytest.raises(RefusedFile):
            inspect_image(IncomingFile(file), POLICY)

    within_cpu_time(0.05, refuse)


def test_one_pixel_too_many() -> None:
    content = picture("PNG", (10, 10))
    assert inspect_image(IncomingFile(content), FilePolicy(MEDIA_TYPES, 10_000, 100)).width == 10
    refusal = refusal_of(content, FilePolicy(MEDIA_TYPES, 10_000, 99))
    assert (refusal.limit, refusal.actual) == (99, 100)


def test_the_ceiling_holds_whatever_the_settings_say() -> None:
    generous = FilePolicy(MEDIA_TYPES, 10_000, max_pixels=10**12)
    refusal_of(png_that_claims(20_000, 20_000), generous)


@pytest.mark.parametrize("name", ["GIF", "PNG", "WEBP"])
def test_an_animation_of_as_many_frames_as_allowed(name: str) -> None:
    assert inspect_image(IncomingFile(animation(500, name)), POLICY).frames == 500


@pytest.mark.parametrize("name", ["GIF", "PNG", "WEBP"])
def test_an_animation_of_a_frame_too_many(name: str) -> None:
    with pytest.raises(TooManyFrames) as refusal:
        inspect_image(IncomingFile(animation(501, name)), POLICY)
    assert (refusal.value.limit, refusal.value.actual) == (500, 501)


def test_a_gif_of_very_many_frames_is_left_after_the_last_allowed() -> None:
    content = gif((1, 1), *[(0, 0, 1, 1)] * 100_000)

    def refuse() -> None:
        with pytest.raises(TooManyFrames):
            inspect_image(IncomingFile(content), POLICY)

    within_cpu_time(1, refuse)


@pytest.mark.parametrize("name", ["GIF", "PNG", "WEBP", "AVIF"])
def test_the_pixels_of_all_frames_together_are_limited(name: str) -> None:
    content = animation(5, name, (10, 10))
    enough = FilePolicy(MEDIA_TYPES, 100_000, 100, max_pixels_of_all_frames=500)
    assert inspect_image(IncomingFile(content), enough).frames == 5
    scarce = FilePolicy(MEDIA_TYPES, 100_000, 100, max_pixels_of_all_frames=499)
    refusal = refusal_of(content, scarce)
    assert (refusal.limit, refusal.actual) == (499, 500)


def test_an_animation_is_not_decoded_beyond_the_budget() -> None:
    content = gif((7_000, 7_000), *[(0, 0, 1, 1)] * 400)
    with pytest.raises(TooManyPixels) as refusal:
        inspect_image(IncomingFile(content), POLICY)
    assert (refusal.value.limit, refusal.value.actual) == (200_000_000, 245_000_000)
