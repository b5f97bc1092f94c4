"""Make the placeholder that a page shows while an image loads."""

import base64
import io
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from open_event_uploads.errors import RefusedFile
from open_event_uploads.imaging.formats import MEDIA_TYPES
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import inspect_image
from open_event_uploads.imaging.placeholder import make_placeholder
from open_event_uploads.imaging.policy import FilePolicy
from tests.corpus import Specimen, corpus
from tests.examples import examples
from tests.images import picture

MODES = ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"]
MODES += ["I", "I;16", "I;16B", "F", "HSV", "LAB"]

# What shows a picture upright, by its EXIF orientation, and what undoes it.
TURNS = [None, 0, 3, 1, 5, 4, 6, 2]
BACK = [None, 0, 3, 1, 5, 2, 6, 4]

BLUE, LIME, RED = (0, 0, 255), (0, 255, 0), (255, 0, 0)

Waves = dict[tuple[int, int], float]


@dataclass
class Preview:
    """The preview that a page draws from a ThumbHash, decoded by its published format."""

    image: Image.Image
    ratio: float
    has_opacity: bool


def drawn(thumbhash: str) -> Preview:
    fields = bits(base64.b64decode(thumbhash, validate=True))
    light, yellow, warm = (number(fields, 6) for _ in range(3))
    light_scale, has_opacity = number(fields, 5), bool(number(fields, 1))
    shorter, yellow_scale, warm_scale = (number(fields, count) for count in (3, 6, 6))
    longer = 5 if has_opacity else 7
    across, down = (longer, shorter) if number(fields, 1) else (shorter, longer)
    opacity, opacity_scale = (number(fields, 4) / 15 if has_opacity else 1 for _ in range(2))
    channels = [
        waves(fields, light / 63, light_scale / 31, max(3, across), max(3, down)),
        waves(fields, yellow / 31.5 - 1, yellow_scale / 63 * 1.25, 3, 3),
        waves(fields, warm / 31.5 - 1, warm_scale / 63 * 1.25, 3, 3),
    ]
    if has_opacity:
        channels.append(waves(fields, opacity, opacity_scale, 5, 5))
    assert len(list(fields)) in {0, 4}
    ratio = across / down
    image = Image.new("RGBA", (round(32 * min(1, ratio)), round(32 / max(1, ratio))))
    for y in range(image.height):
        for x in range(image.width):
            point = (x + 0.5) / image.width, (y + 0.5) / image.height
            image.putpixel((x, y), colour(*(level(each, *point) for each in channels)))
    return Preview(image, ratio, has_opacity)


def bits(content: bytes) -> Iterator[int]:
    return (byte >> position & 1 for byte in content for position in range(8))


def number(fields: Iterator[int], count: int) -> int:
    return sum(next(fields) << position for position in range(count))


def waves(fields: Iterator[int], average: float, scale: float, across: int, down: int) -> Waves:
    found: Waves = {(0, 0): average}
    for y in range(down):
        for x in range(across):
            if (x or y) and x * down < across * (down - y):
                found[x, y] = 2 * scale * (number(fields, 4) / 7.5 - 1)
    return found


def level(channel: Waves, x: float, y: float) -> float:
    return sum(
        wave * math.cos(math.pi * across * x) * math.cos(math.pi * down * y)
        for (across, down), wave in channel.items()
    )


def colour(
    light: float, yellow: float, warm: float, opacity: float = 1
) -> tuple[int, int, int, int]:
    blue = light - 2 / 3 * yellow
    red = (3 * light - blue + warm) / 2
    r, g, b, a = (round(255 * max(0, min(1, part))) for part in (red, red - warm, blue, opacity))
    return r, g, b, a


def mean(
    image: Image.Image, left: float = 0, upper: float = 0, right: float = 1, lower: float = 1
) -> list[float]:
    """Return the mean of each band within a part of the image."""
    width, height = image.size
    box = round(left * width), round(upper * height), round(right * width), round(lower * height)
    return list(ImageStat.Stat(image.crop(box)).mean)


def decoded(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return image


def asymmetric(size: tuple[int, int]) -> Image.Image:
    image = Image.new("RGB", size, BLUE)
    image.paste(RED, (0, 0, size[0] // 3, size[1]))
    image.paste(LIME, (size[0] // 3, 0, size[0], size[1] // 4))
    return image


@pytest.mark.parametrize(
    ("name", "hexadecimal"),
    [("red", "#ff0000"), ("teal", "#008080"), ("white", "#ffffff"), ("black", "#000000")],
)
def test_one_colour_is_that_colour(name: str, hexadecimal: str) -> None:
    found = make_placeholder(Image.new("RGB", (300, 200), name), 1)
    assert found.color == hexadecimal
    wanted = [*bytes.fromhex(hexadecimal[1:]), 255]
    assert mean(drawn(found.thumbhash).image) == pytest.approx(wanted, abs=12)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (33, 7), (400, 300)])
def test_every_kind_of_image_has_one_and_stays_as_it_is(mode: str, size: tuple[int, int]) -> None:
    image = Image.new(mode, size)
    before = image.tobytes(), dict(image.info), image.mode, image.size
    found = make_placeholder(image, 6)
    assert 17 <= len(base64.b64decode(found.thumbhash)) <= 25
    assert (image.tobytes(), image.info, image.mode, image.size) == before


@pytest.mark.parametrize(
    "mode", ["L", "LA", "P", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "I", "I;16", "I;16B", "F"]
)
def test_a_picture_is_the_same_in_every_mode(mode: str) -> None:
    image = Image.new("L", (150, 100), 255)
    image.paste(51, (0, 0, 50, 100))
    if mode.startswith("I;16"):
        image = image.convert("I").point(lambda grey: grey * 257)
    found = make_placeholder(image.convert(mode), 1)
    assert found.color == "#ffffff"
    preview = drawn(found.thumbhash)
    assert preview.ratio == 7 / 5
    assert mean(preview.image, 0, 0, 0.25)[:3] == pytest.approx([51] * 3, abs=30)
    assert mean(preview.image, 0.5)[:3] == pytest.approx([250] * 3, abs=20)


@pytest.mark.parametrize(
    ("mode", "value", "hexadecimal"),
    [
        ("1", 255, "#ffffff"),
        ("F", 0.5, "#808080"),
        ("F", 128.0, "#808080"),
        ("F", 32896.0, "#808080"),
        ("F", 1e9, "#ffffff"),
        ("F", -5.0, "#000000"),
        ("I", 128, "#808080"),
        ("I", 32896, "#808080"),
        ("I", 2**31 - 1, "#ffffff"),
        ("I", -(2**31), "#000000"),
        ("I;16", 32896, "#808080"),
        ("I;16", 255, "#010101"),
    ],
)
def test_a_wide_level_is_taken_for_what_it_stands_for(
    mode: str, value: float, hexadecimal: str
) -> None:
    assert make_placeholder(Image.new(mode, (9, 9), value), 1).color == hexadecimal


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_level_that_is_no_number_is_no_reason_to_fail(value: float) -> None:
    assert make_placeholder(Image.new("F", (9, 9), value), 1).color


# Edges lie where cells end, so that no average is rounded one way upright and another turned.
@pytest.mark.parametrize("size", [(120, 96), (48, 96), (12, 12), (24, 24)])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_of_the_upright_picture(orientation: int, size: tuple[int, int]) -> None:
    upright = asymmetric(size)
    turn = BACK[orientation - 1]
    stored = upright if turn is None else upright.transpose(Image.Transpose(turn))
    assert make_placeholder(stored, orientation) == make_placeholder(upright, 1)


@pytest.mark.parametrize("orientation", [-1, 0, 9, 65535])
def test_an_orientation_that_is_none_means_upright(orientation: int) -> None:
    image = asymmetric((40, 30))
    assert make_placeholder(image, orientation) == make_placeholder(image, 1)


def test_the_preview_shows_what_is_where() -> None:
    image = Image.new("RGB", (200, 100), RED)
    image.paste(BLUE, (100, 0, 200, 100))
    preview = drawn(make_placeholder(image, 1).thumbhash)
    assert not preview.has_opacity
    assert mean(preview.image, 0, 0, 0.4)[:3] == pytest.approx(RED, abs=50)
    assert mean(preview.image, 0.6)[:3] == pytest.approx(BLUE, abs=50)


def test_the_preview_shows_a_gradient() -> None:
    image = Image.linear_gradient("L")  # black above, white below
    shown = drawn(make_placeholder(image, 1).thumbhash).image
    levels = [mean(shown, 0, n / 8, 1, (n + 1) / 8)[0] for n in range(8)]
    assert levels == sorted(levels)
    assert levels == pytest.approx([16 + 32 * n for n in range(8)], abs=20)


def test_the_preview_shows_what_is_transparent() -> None:
    image = Image.new("RGBA", (90, 120), (*LIME, 255))
    image.paste((255, 255, 255, 0), (0, 0, 90, 60))
    found = make_placeholder(image, 1)
    assert found.color == "#00ff00"
    preview = drawn(found.thumbhash)
    assert preview.has_opacity
    assert preview.ratio == 4 / 5
    assert mean(preview.image, 0, 0.6)[3] > 220
    assert mean(preview.image, 0, 0, 1, 0.4)[3] < 35
    assert mean(preview.image)[:3] == pytest.approx(LIME, abs=12)


@pytest.mark.parametrize(
    ("size", "ratio"),
    [
        ((50, 50), 1),
        ((160, 90), 7 / 4),
        ((90, 160), 4 / 7),
        ((700, 100), 7),
        ((50_000, 1), 7),
        ((1, 50_000), 1 / 7),
    ],
)
def test_the_preview_is_as_wide_as_the_format_can_say(size: tuple[int, int], ratio: float) -> None:
    assert drawn(make_placeholder(Image.new("L", size, 90), 1).thumbhash).ratio == ratio


def test_what_cannot_be_seen_has_no_colour() -> None:
    image = Image.new("RGBA", (60, 60), (0, 255, 0, 0))
    assert make_placeholder(image, 1).color == "#ffffff"
    image.paste((255, 0, 0, 255), (0, 0, 20, 60))
    assert make_placeholder(image, 1).color == "#ff0000"


def test_what_can_hardly_be_seen_has_its_colour() -> None:
    assert make_placeholder(Image.new("RGBA", (60, 60), (255, 0, 0, 51)), 1).color == "#ff0000"


def test_the_colour_is_the_one_there_is_most_of_and_no_mixture() -> None:
    assert make_placeholder(asymmetric((120, 80)), 1).color == "#0000ff"


def test_a_colour_that_varies_a_little_counts_as_one() -> None:
    image = Image.new("RGB", (120, 120), "black")
    for n in range(120):  # on both sides of 128, where a fixed grid of colours would cut
        image.paste((122 + n % 12,) * 3, (0, n, 70, n + 1))
    assert 122 <= int(make_placeholder(image, 1).color[1:3], 16) <= 134


@pytest.mark.parametrize("transparency", [1, b"\xff\x00"])
def test_a_palette_may_have_a_transparent_colour(transparency: int | bytes) -> None:
    image = Image.new("P", (300, 200), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (0, 0, 200, 200))
    assert make_placeholder(image, 1).color == "#0000ff"
    image.info["transparency"] = transparency
    found = make_placeholder(image, 1)
    assert found.color == "#ff0000"
    assert drawn(found.thumbhash).has_opacity


@pytest.mark.parametrize(
    ("mode", "key", "other", "hexadecimal"),
    [("RGB", BLUE, RED, "#ff0000"), ("L", 7, 200, "#c8c8c8")],
)
def test_one_colour_of_a_png_may_be_transparent(
    mode: str,
    key: Any,  # noqa: ANN401 - a level or three
    other: Any,  # noqa: ANN401 - likewise
    hexadecimal: str,
) -> None:
    image = Image.new(mode, (300, 200), other)
    image.paste(key, (0, 0, 250, 200))
    stream = io.BytesIO()
    image.save(stream, "PNG", transparency=key)
    found = make_placeholder(decoded(stream.getvalue()), 1)
    assert found.color == hexadecimal
    assert drawn(found.thumbhash).has_opacity


def test_a_transparent_level_of_sixteen_bits_is_passed_over() -> None:
    image = Image.new("I;16", (30, 20), 257)
    image.info["transparency"] = 1
    assert not drawn(make_placeholder(image, 1).thumbhash).has_opacity


def test_a_jpeg_in_cmyk_has_its_colours() -> None:
    stream = io.BytesIO()
    Image.new("CMYK", (64, 48), (0, 255, 255, 0)).save(stream, "JPEG", quality=95)
    image = decoded(stream.getvalue())
    assert image.mode == "CMYK"
    assert tuple(bytes.fromhex(make_placeholder(image, 1).color[1:])) == pytest.approx(RED, abs=8)


@pytest.mark.parametrize("side", [512, 1024])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA"])
def test_a_regular_dither_is_grey(mode: str, side: int) -> None:
    dots = Image.frombytes("L", (side, 2), b"\x00\xff" * (side // 2) + b"\xff\x00" * (side // 2))
    image = Image.new("L", (side, side))
    for y in range(0, side, 2):
        image.paste(dots, (0, y))
    shown = drawn(make_placeholder(image.convert(mode), 1).thumbhash).image
    assert mean(shown) == pytest.approx([128, 128, 128, 255], abs=12)
    assert max(ImageStat.Stat(shown).stddev) < 12


def test_threads_do_not_disturb_each_other() -> None:
    images = [Image.new("P", (200, 100), n) for n in range(8)] + [asymmetric((200, 100))]
    expected = [make_placeholder(image, 6) for image in images] * 20
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(make_placeholder, images * 20, [6] * len(expected))) == expected


def test_a_frame_of_a_gif_has_one() -> None:
    assert make_placeholder(decoded(picture("GIF", colour="red")), 1).color == "#ff0000"


@given(
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    mode=st.sampled_from(["L", "LA", "RGB", "RGBA"]),
    orientation=st.integers(1, 8),
    random=st.randoms(use_true_random=False),
)
@settings(max_examples=examples(60))
def test_any_picture_has_one_and_always_the_same(
    size: tuple[int, int],
    mode: str,
    orientation: int,
    random: Any,  # noqa: ANN401 - hypothesis's own
) -> None:
    bands = len(Image.new(mode, (1, 1)).getbands())
    image = Image.frombytes(mode, size, random.randbytes(size[0] * size[1] * bands))
    found = make_placeholder(image, orientation)
    assert found == make_placeholder(image.copy(), orientation)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    assert make_placeholder(decoded(stream.getvalue()), orientation) == found
    turn = TURNS[orientation - 1]
    upright = image if turn is None else image.transpose(Image.Transpose(turn))
    one, other = drawn(found.thumbhash), drawn(make_placeholder(upright, 1).thumbhash)
    assert one.ratio == other.ratio
    # A reduction starts at one corner, so the two are nearly the same.
    assert max(mean(ImageChops.difference(one.image, other.image))) < 20


@given(
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    mode=st.sampled_from(MODES),
    content=st.binary(min_size=1, max_size=64),
    orientation=st.integers(0, 9),
)
@settings(max_examples=examples(150))
def test_any_bytes_in_any_mode_have_one(
    size: tuple[int, int], mode: str, content: bytes, orientation: int
) -> None:
    length = len(Image.new(mode, size).tobytes())
    image = Image.frombytes(mode, size, (content * length)[:length])
    drawn(make_placeholder(image, orientation).thumbhash)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize(
    "specimen",
    [each for each in corpus() if each.accepted and each.media_type in MEDIA_TYPES],
    ids=lambda each: each.path.name,
)
def test_each_accepted_file_of_the_corpus_has_one(specimen: Specimen) -> None:
    policy = FilePolicy(MEDIA_TYPES, max_bytes=25 * 1024**2, max_pixels=50_000_000)
    try:
        facts = inspect_image(IncomingFile(specimen.path.read_bytes()), policy)
    except RefusedFile:
        return
    preview = drawn(facts.placeholder.thumbhash)
    longer, shorter = max(facts.width, facts.height), min(facts.width, facts.height)
    if shorter >= 64:  # a JPEG is looked at in eighths, of which a smaller one has too few to say
        steps = 5 if preview.has_opacity else 7
        said = max(preview.ratio, 1 / preview.ratio)
        assert abs(steps / said - max(1, steps * shorter / longer)) < 1
        assert preview.ratio == 1 or (preview.ratio > 1) == (facts.width > facts.height)
