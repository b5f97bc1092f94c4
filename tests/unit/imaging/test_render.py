"""Render real files in other sizes."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageStat

from open_event_uploads.errors import CorruptImage, RefusedFile
from open_event_uploads.imaging.formats import BY_MEDIA_TYPE, MEDIA_TYPES, ImageFormat
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.imaging.inspect import inspect_image
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.imaging.preset import ENCODINGS, FITS, Preset
from open_event_uploads.imaging.render import render
from tests.corpus import FILES, corpus

POLICY = FilePolicy(MEDIA_TYPES, 200 * 1024**2, 50_000_000)
JPEG, PNG = BY_MEDIA_TYPE["image/jpeg"], BY_MEDIA_TYPE["image/png"]

SPECIMENS = [path for path in sorted(FILES.iterdir()) if path.suffix != ".md"]
SPECIMENS += [each.path for each in corpus() if each.accepted and not each.tolerance]


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def saved(image: Image.Image, name: str, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    stream = io.BytesIO()
    image.save(stream, name, **options)
    return stream.getvalue()


def distance(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference of two images, of 255 levels."""
    pairs = zip(one.convert("RGB").tobytes(), other.convert("RGB").tobytes(), strict=True)
    differences = [abs(a - b) for a, b in pairs]
    return sum(differences) / len(differences)


@pytest.mark.parametrize("path", SPECIMENS, ids=lambda path: path.name)
def test_a_real_file_becomes_exactly_what_was_said(path: Path) -> None:
    content = path.read_bytes()
    try:
        facts = inspect_image(IncomingFile(content), POLICY)
    except RefusedFile:
        pytest.skip("refused at upload")
    for preset in (
        Preset("a", 50, 50, "cover"),
        Preset("b", 64, 48, "contain", encoding="jpeg"),
        Preset("c", 40, None, encoding="same"),
    ):
        made = render(content, preset, facts.format)
        image = opened(made)
        assert image.size == preset.size_of(facts.width, facts.height)
        assert image.format in preset.format_of(facts.format).pillow_names
        assert not image.getexif()
        assert not {"xmp", "comment", "photoshop"} & image.info.keys()


GRADIENT = Image.merge(
    "RGB",
    (
        Image.linear_gradient("L").resize((240, 120)),
        Image.linear_gradient("L").rotate(90).resize((240, 120)),
        Image.new("L", (240, 120), 40),
    ),
)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("fit", FITS)
def test_every_orientation_gives_the_same_upright_picture(orientation: int, fit: Any) -> None:  # noqa: ANN401 - a fit
    # EXIF 2.32, table 9, backwards: how a camera that was held like this stores the picture.
    turns = [None, 0, 3, 1, 5, 2, 6, 4]
    turn = turns[orientation - 1]
    stored = GRADIENT if turn is None else GRADIENT.transpose(Image.Transpose(turn))
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = saved(stored, "JPEG", quality=95, exif=exif)
    preset = Preset("a", 60, 40, fit, 0.2, 0.8, "png")
    upright = render(saved(GRADIENT, "JPEG", quality=95), preset, JPEG)
    assert distance(opened(render(content, preset, JPEG)), opened(upright)) < 3


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("fit", FITS)
def test_transparency_survives_where_it_can(fit: Any, encoding: Any) -> None:  # noqa: ANN401 - of a preset
    image = Image.new("RGBA", (80, 80), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 80, 40))
    made = opened(render(saved(image, "PNG"), Preset("a", 40, 40, fit, encoding=encoding), PNG))
    top, bottom = (made.convert("RGBA").getpixel((20, y)) for y in (5, 34))
    assert top[0] > 240  # type: ignore[index]  # four bands
    assert top[1] < 15  # type: ignore[index]  # four bands
    if encoding == "jpeg":
        assert min(bottom[:3]) > 240  # type: ignore[index]  # four bands
    else:
        assert bottom[3] == 0  # type: ignore[index]  # four bands


def test_colours_that_cannot_be_seen_do_not_bleed() -> None:
    image = Image.new("RGBA", (100, 100), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 50, 100))
    made = opened(render(saved(image, "PNG"), Preset("a", 10, 10, encoding="png"), PNG))
    raw = made.convert("RGBA").tobytes()
    greens = [raw[n + 1] for n in range(0, len(raw), 4) if raw[n + 3]]
    assert greens
    assert max(greens) < 10


@pytest.mark.parametrize("encoding", [each for each in ENCODINGS if each != "same"])
@pytest.mark.parametrize("size", [(70_000, 1), (1, 70_000)], ids=str)
def test_the_longest_side_of_a_format_can_be_written_and_read(
    encoding: Any,  # noqa: ANN401 - of a preset
    size: tuple[int, int],
) -> None:
    width, height = (1, None) if size[0] == 1 else (None, 1)
    preset = Preset("a", width, height, encoding=encoding)
    made = opened(render(saved(Image.new("RGB", size, "teal"), "PNG"), preset, PNG))
    assert made.size == preset.size_of(*size)
    assert max(made.size) == (preset.format_of(PNG).max_side or 70_000)


def test_a_colour_profile_is_kept_only_of_the_colours_that_it_describes() -> None:
    grey_profile = b"\0" * 16 + b"GRAY" + b"\0" * 108
    content = saved(Image.new("RGB", (40, 40), "teal"), "JPEG", icc_profile=grey_profile)
    assert "icc_profile" not in opened(render(content, Preset("a", 20, 20), JPEG)).info


def test_a_long_colour_profile_is_applied() -> None:
    # Red and green change places in this profile, which nobody could see without it.
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red], profile[green] = profile[green], profile[red]
    long = bytes(profile) + bytes(20_000)
    for mode, opacity in (("RGB", None), ("RGBA", 90), ("P", None)):
        image = Image.new("RGB", (40, 40), (200, 60, 50)).convert(mode)
        if opacity:
            image.putalpha(opacity)
        made = opened(render(saved(image, "PNG", icc_profile=long), Preset("a", 20, 20), PNG))
        assert "icc_profile" not in made.info
        shown = made.convert("RGBA").getpixel((10, 10))
        assert abs(shown[0] - 60) < 25  # type: ignore[index]  # four bands
        assert abs(shown[1] - 200) < 25  # type: ignore[index]  # four bands
        assert shown[3] == (opacity or 255)  # type: ignore[index]  # four bands


def test_sixteen_bits_become_eight_evenly() -> None:
    deep = Image.new("I;16", (256, 4))
    deep.putdata([min(65535, n % 256 * 257) for n in range(1024)])
    made = opened(render(saved(deep, "PNG"), Preset("a", 256, 4, encoding="png"), PNG))
    row = list(made.convert("L").crop((0, 0, 256, 1)).tobytes())
    assert all(abs(level - n) <= 1 for n, level in enumerate(row))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_png_is_understood(mode: str) -> None:
    image = Image.new("L", (30, 20), 200).convert(mode)
    made = opened(render(saved(image, "PNG"), Preset("a", 15, None, encoding="png"), PNG))
    assert made.size == (15, 10)


def test_cmyk_comes_out_in_its_colours() -> None:
    cyan = Image.new("CMYK", (40, 40), (255, 0, 0, 0))
    made = opened(render(saved(cyan, "JPEG", quality=95), Preset("a", 20, 20), JPEG))
    red, green, blue = (round(level) for level in ImageStat.Stat(made.convert("RGB")).mean)
    assert red < 60
    assert min(green, blue) > 150


def test_a_colour_profile_stays_with_the_colours_it_explains() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (40, 40), "teal")
    content = saved(image, "JPEG", icc_profile=profile)
    for encoding in ("webp", "jpeg", "png", "avif"):
        made = opened(render(content, Preset("a", 20, 20, encoding=encoding), JPEG))
        assert made.info.get("icc_profile") == profile
    grey = saved(Image.new("L", (40, 40), 90), "PNG", icc_profile=b"nonsense")
    assert "icc_profile" not in opened(render(grey, Preset("a", 20, 20), PNG)).info


@pytest.mark.parametrize(
    ("source", "encoding"), [("GIF", "webp"), ("GIF", "same"), ("PNG", "same")]
)
def test_an_animation_keeps_its_time(source: str, encoding: Any) -> None:  # noqa: ANN401 - an encoding
    frames = [Image.new("RGB", (90, 90), each) for each in ("red", "lime", "blue")]
    content = saved(
        frames[0],
        source,
        save_all=True,
        append_images=frames[1:],
        duration=[40, 80, 120],
        loop=3,
    )
    kind: ImageFormat = BY_MEDIA_TYPE[f"image/{source.lower()}"]
    made = opened(render(content, Preset("a", 30, None, encoding=encoding), kind))
    assert getattr(made, "n_frames", 1) == 3
    durations, colours = [], list[tuple[int, ...]]()
    for number in range(3):
        made.seek(number)
        made.load()
        durations.append(round(made.info["duration"]))
        pixel = made.convert("RGB").getpixel((15, 15))
        assert isinstance(pixel, tuple)
        colours.append(pixel)
    assert durations == [40, 80, 120]
    assert [max(range(3), key=colour.__getitem__) for colour in colours] == [0, 1, 2]
    assert made.info["loop"] == 3


def test_an_animation_has_a_first_frame_where_nothing_moves() -> None:
    frames = [Image.new("RGB", (90, 90), each) for each in ("red", "lime")]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    made = opened(
        render(content, Preset("a", 30, None, encoding="jpeg"), BY_MEDIA_TYPE["image/gif"])
    )
    assert made.convert("RGB").getpixel((5, 5))[0] > 240  # type: ignore[index]  # three bands


def test_the_same_comes_out_every_time() -> None:
    content = saved(GRADIENT, "PNG")
    for encoding in ENCODINGS:
        preset = Preset("a", 60, 40, "cover", encoding=encoding)
        assert render(content, preset, PNG) == render(content, preset, PNG)


@pytest.mark.parametrize("content", [b"", b"nonsense", saved(GRADIENT, "PNG")[:-2000]])
def test_what_is_damaged_is_refused(content: bytes) -> None:
    with pytest.raises(CorruptImage):
        render(content, Preset("a", 5, 5), PNG)
