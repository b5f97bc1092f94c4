"""What a page shows while an image loads."""

import base64
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from open_event_uploads.media.placeholder import make_placeholder

MODES = [
    "1",
    "L",
    "LA",
    "P",
    "RGB",
    "RGBA",
    "RGBX",
    "CMYK",
    "YCbCr",
    "I",
    "I;16",
    "F",
    "HSV",
    "LAB",
]


def mean_colour(hash_: str) -> tuple[float, float, float]:
    """The average colour in a ThumbHash (its first two bytes and six bits), each 0 to 1."""
    content = base64.b64decode(hash_)
    header = content[0] | content[1] << 8 | content[2] << 16
    lightness = (header & 63) / 63
    p = ((header >> 6) & 63) / 31.5 - 1
    q = ((header >> 12) & 63) / 31.5 - 1
    blue = lightness - 2 / 3 * p
    red = (3 * lightness - blue + q) / 2
    return red, red - q, blue


@pytest.mark.parametrize(
    ("colour", "hexadecimal"), [("red", "#ff0000"), ("teal", "#008080"), ("white", "#ffffff")]
)
def test_one_colour_is_that_colour(colour: str, hexadecimal: str) -> None:
    found = make_placeholder(Image.new("RGB", (300, 200), colour), 1)
    assert found.color == hexadecimal
    wanted = [int(hexadecimal[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    for level, expected in zip(mean_colour(found.thumbhash), wanted, strict=True):
        assert level == pytest.approx(expected, abs=0.08)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (33, 7), (400, 300)])
def test_every_kind_of_image_has_one(mode: str, size: tuple[int, int]) -> None:
    image = Image.new(mode, size)
    before = image.tobytes()
    found = make_placeholder(image, 6)
    assert 5 <= len(base64.b64decode(found.thumbhash)) <= 30
    assert len(found.thumbhash) <= 60
    assert image.tobytes() == before


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_of_the_upright_picture(orientation: int) -> None:
    # Edges lie where cells end, so that no average is rounded one way upright and another turned.
    upright = Image.new("RGB", (120, 96), "blue")
    upright.paste("red", (0, 0, 40, 96))
    upright.paste("lime", (40, 0, 120, 24))
    turns: list[Any] = [None, 0, 3, 1, 5, 2, 6, 4]
    turn = turns[orientation - 1]
    stored = upright if turn is None else upright.transpose(Image.Transpose(turn))
    assert make_placeholder(stored, orientation) == make_placeholder(upright, 1)


def test_what_cannot_be_seen_has_no_colour() -> None:
    image = Image.new("RGBA", (60, 60), (0, 255, 0, 0))
    assert make_placeholder(image, 1).color == "#ffffff"
    image.paste((255, 0, 0, 255), (0, 0, 20, 60))
    assert make_placeholder(image, 1).color == "#ff0000"


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from(["L", "RGB", "RGBA"]),
    st.randoms(use_true_random=False),
)
@settings(deadline=None)
def test_any_picture_has_one_and_always_the_same(
    width: int,
    height: int,
    mode: str,
    random: Any,  # noqa: ANN401 - hypothesis's own
) -> None:
    bands = len(Image.new(mode, (1, 1)).getbands())
    image = Image.frombytes(mode, (width, height), random.randbytes(width * height * bands))
    found = make_placeholder(image, 1)
    assert found == make_placeholder(image.copy(), 1)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    with Image.open(io.BytesIO(stream.getvalue())) as again:
        assert make_placeholder(again, 1) == found
