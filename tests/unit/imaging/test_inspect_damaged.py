"""Refuse truncated and damaged images, always with an exception of ours."""

import functools
import io
import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from open_event_uploads.errors import RefusedFile
from open_event_uploads.imaging.formats import MEDIA_TYPES
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import ImageFacts, inspect_image
from open_event_uploads.imaging.policy import FilePolicy
from tests.corpus import FILES
from tests.examples import examples
from tests.unit.imaging.animations import animation

POLICY = FilePolicy(MEDIA_TYPES, max_bytes=1_000_000, max_pixels=1_000_000)

# As in production: Pillow warns of odd EXIF or APNG and reads on.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


@functools.cache
def photo(name: str, **options: object) -> bytes:
    """Make grey noise, the same each time."""
    pixels = random.Random(3).randbytes(40 * 30)  # noqa: S311 - nothing secret about it
    stream = io.BytesIO()
    image = Image.frombytes("L", (40, 30), pixels).convert("RGB")
    image.save(stream, name, **options)
    return stream.getvalue()


def verdict(content: bytes) -> ImageFacts | None:
    try:
        return inspect_image(IncomingFile(content), POLICY)
    except RefusedFile:
        return None


def accepted_cuts(content: bytes) -> list[int]:
    """Return how many bytes may be missing at the end of an image that is still accepted."""
    return [cut for cut in range(1, len(content) + 1) if verdict(content[: len(content) - cut])]


# --- Truncated --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_no_part_of_an_image_is_an_image(name: str) -> None:
    assert accepted_cuts(photo(name)) == []


@pytest.mark.parametrize(
    ("name", "options"),
    [("JPEG", {"progressive": True}), ("WEBP", {"lossless": True}), ("PNG", {"bits": 8})],
)
def test_no_part_of_an_image_of_another_coding_is_an_image(
    name: str, options: dict[str, object]
) -> None:
    assert accepted_cuts(photo(name, **options)) == []


@pytest.mark.parametrize("name", ["PNG", "GIF", "WEBP", "AVIF"])
def test_no_part_of_an_animation_is_an_animation(name: str) -> None:
    assert accepted_cuts(animation(4, name, (16, 16))) == []


def test_no_part_of_an_animation_whose_delays_look_like_the_end_marker_is_one() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    stream = io.BytesIO()
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:], duration=590)
    assert stream.getvalue().count(b";") > 1
    assert accepted_cuts(stream.getvalue()) == []


# --- Damaged ----------------------------------------------------------------------------------


def test_a_png_with_a_wrong_checksum_is_refused() -> None:
    content = bytearray(photo("PNG"))
    at = content.index(b"IDAT") - 4
    length = int.from_bytes(content[at : at + 4], "big")
    content[at + 8 + length] ^= 1
    assert verdict(bytes(content)) is None


@pytest.mark.parametrize("at", [0, 100, 1000, 2000, 3000])
def test_a_png_with_a_flipped_bit_in_its_pixels_is_refused(at: int) -> None:
    content = bytearray(photo("PNG"))
    content[content.index(b"IDAT") + 4 + at] ^= 4
    assert verdict(bytes(content)) is None


def test_a_png_with_a_text_that_inflates_without_end_is_refused() -> None:
    content = photo("PNG")
    text = b"Comment\x00\x00" + zlib.compress(b"a" * 20_000_000, 9)
    chunk = len(text).to_bytes(4, "big") + b"zTXt" + text
    chunk += zlib.crc32(b"zTXt" + text).to_bytes(4, "big")
    assert verdict(content[:33] + chunk + content[33:]) is None


SEEDS = [
    *(photo(name) for name in ("JPEG", "PNG", "GIF", "WEBP", "AVIF")),
    *(animation(3, name, (8, 8)) for name in ("PNG", "GIF", "WEBP", "AVIF")),
    *(each.read_bytes() for each in sorted(FILES.iterdir()) if each.suffix != ".md"),
]
IDS = range(len(SEEDS))


@settings(max_examples=examples(300))
@given(st.binary(max_size=300))
def test_random_bytes_are_refused(content: bytes) -> None:
    assert verdict(content) is None


MAGICS = [
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"RIFF",
    b"\x00\x00\x00\x1cftypavif",
]


@settings(max_examples=examples(300))
@given(st.sampled_from(MAGICS), st.binary(max_size=120))
def test_random_bytes_after_the_right_first_ones_are_judged(magic: bytes, rest: bytes) -> None:
    verdict(magic + rest)


@pytest.mark.parametrize("number", IDS)
@settings(max_examples=examples(60))
@given(data=st.data())
def test_a_mutated_image_is_judged(number: int, data: st.DataObject) -> None:
    content = bytearray(SEEDS[number])
    # Headers are where parsers live, so half of the changes go there.
    for _ in range(data.draw(st.integers(1, 4), label="changes")):
        end = min(len(content), 120) if data.draw(st.booleans(), label="header") else len(content)
        at = data.draw(st.integers(0, max(end - 1, 0)), label="at")
        action = data.draw(st.sampled_from(["flip", "cut", "insert", "extreme"]), label="action")
        if action == "flip":
            content[at : at + 1] = bytes([content[at] ^ data.draw(st.integers(1, 255))])
        elif action == "cut":
            del content[at : at + data.draw(st.integers(1, 64))]
        elif action == "insert":
            content[at:at] = data.draw(st.binary(min_size=1, max_size=16))
        else:
            content[at : at + 4] = data.draw(
                st.sampled_from([b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff"])
            )
        content = content or bytearray(b"\x00")
    facts = verdict(bytes(content))
    if facts is not None:
        assert 0 < facts.width * facts.height <= POLICY.max_pixels
        assert 0 < facts.frames <= POLICY.max_frames
