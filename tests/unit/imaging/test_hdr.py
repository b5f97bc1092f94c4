"""Describe the colours of HDR pictures."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from open_event_uploads.imaging.hdr import hdr_profile
from open_event_uploads.imaging.metadata import Cicp, read_cicp
from tests.corpus import FILES
from tests.images import chunk, picture
from tests.odd_pictures import COLOURS, avif_of_hdr, png_with, pq_signal, quarters, saved

AVIF = avif_of_hdr(quarters())
PNG = picture("PNG")


def png_of(primaries: int, transfer: int) -> bytes:
    return png_with(PNG, chunk(b"cICP", bytes([primaries, transfer, 0, 1])))


def shown(content: bytes, signal: tuple[int, ...]) -> tuple[int, ...]:
    """Return the colour of sRGB that a signal is, by the profile of a picture."""
    profile = hdr_profile(content)
    assert profile
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    image = Image.new("RGB", (1, 1), signal)
    made = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    assert made
    return tuple(made.tobytes())


def test_the_code_points_of_an_avif_and_a_png_are_read() -> None:
    assert read_cicp(AVIF) == Cicp(9, 16)
    assert read_cicp(saved(quarters(), "AVIF")) == Cicp(1, 13)
    assert read_cicp(png_of(12, 18)) == Cicp(12, 18)
    assert read_cicp(PNG) is None
    assert read_cicp(picture("JPEG")) is None


def test_code_points_behind_the_pixels_have_no_effect() -> None:
    late = PNG[:-12] + chunk(b"cICP", b"\x09\x10\x00\x01") + PNG[-12:]
    assert read_cicp(late) is None


@pytest.mark.parametrize("colour", [*COLOURS, (128, 128, 128), (10, 10, 10), (0, 0, 0)])
def test_the_colours_of_a_page_are_as_without_hdr(colour: tuple[int, ...]) -> None:
    found = shown(AVIF, pq_signal(colour))
    # Few of 255 levels are left for a page.
    assert max(abs(a - b) for a, b in zip(found, colour, strict=True)) <= 9


@pytest.mark.parametrize(
    ("transfer", "reference"),
    [(16, 148), (18, 191)],  # BT.2408, table 1: 58 % and 75 % are 203 nits
    ids=["PQ", "HLG"],
)
@pytest.mark.parametrize("primaries", [1, 9, 12])
def test_white_is_light_and_highlights_are_lighter_without_a_hue(
    primaries: int, transfer: int, reference: int
) -> None:
    levels = [shown(png_of(primaries, transfer), (n, n, n)) for n in range(0, 256, 15)]
    assert all(max(each) - min(each) <= 2 for each in levels)
    assert sorted(levels) == levels
    assert levels[0] == (0, 0, 0)
    assert min(levels[-1]) >= 250
    assert 234 <= shown(png_of(primaries, transfer), (reference,) * 3)[0] <= 246


@pytest.mark.parametrize(("primaries", "transfer"), [(1, 13), (9, 14), (2, 16), (255, 255)])
def test_other_pictures_have_no_profile(primaries: int, transfer: int) -> None:
    assert hdr_profile(png_of(primaries, transfer)) is None


SEEDS = [AVIF, png_of(9, 16), *(each.read_bytes() for each in sorted(FILES.glob("*.avif")))]


@given(st.sampled_from(SEEDS), st.data())
def test_damage_never_breaks_it(content: bytes, data: st.DataObject) -> None:
    changed = bytearray(content[:2000])
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, min(len(changed) - 1, 400)))
        changed[at] = data.draw(st.integers(0, 255))
    hdr_profile(bytes(changed[: data.draw(st.integers(0, len(changed)))]))
