"""Pictures as cameras, editors and screenshots make them: described, kept and shown rightly.

What is expected is computed with plain Pillow from the picture that was drawn.
"""

import io
from operator import sub
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageOps

from tests import odd_pictures as odd
from tests.compare_pictures import LEVELS, colours_apart, fitted, opaque, tolerance
from tests.corpus import VARIABLE, corpus
from tests.documents import COLLECTION, JSON_API, data_uri, document, only_error, path_of, post
from tests.documents import upload as send
from tests.images import chunk
from tests.odd_pictures import OddPicture, quarters, saved, turned

pytestmark = [
    pytest.mark.default_stack("the pictures are the same"),
    # As in production: Pillow warns of odd EXIF and reads on.
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),
]

# Beside the sizes that the first start makes: every fit and every format.
PRESETS: dict[str, dict[str, Any]] = {
    "framed": {"width": 120, "height": 90, "fit": "contain", "format": "jpeg"},
    "stretched": {"width": 60, "height": 90, "fit": "fill", "format": "png"},
    "cut": {"width": 64, "height": 64, "fit": "cover", "format": "avif"},
    "own": {"width": 90, "format": "same"},
}
ANIMATED = {"image/webp", "image/gif", "image/png"}


def check_original(client: FlaskClient, made: dict[str, Any], picture: OddPicture) -> None:
    """Check what is said of the file, and what browsers show of it."""
    attributes = made["attributes"]
    assert attributes["media-type"] == picture.media_type
    assert (attributes["width"], attributes["height"]) == picture.shown.size
    assert attributes["frames"] == picture.frames
    assert len(attributes["placeholder"]) >= 24
    colour = bytes.fromhex(attributes["color"][1:])
    middle_of_each = [
        picture.shown.crop((x, y, x + 1, y + 1)).tobytes()
        for x in (picture.shown.width // 4, picture.shown.width * 3 // 4)
        for y in (picture.shown.height // 4, picture.shown.height * 3 // 4)
    ]
    apart = min(max(map(abs, map(sub, colour, each))) for each in middle_of_each)
    assert apart <= LEVELS + picture.coarseness
    response = client.get(path_of(attributes["url"]))
    assert (response.status_code, response.content_type) == (200, picture.media_type)
    assert len(response.data) == attributes["size"]
    with Image.open(io.BytesIO(response.data)) as image:
        if image.format == "GIF" or getattr(image, "default_image", False):
            return
        shown = opaque(ImageOps.exif_transpose(image))
        assert shown.size == picture.shown.size


def check_variants(client: FlaskClient, made: dict[str, Any], picture: OddPicture) -> None:
    presets: Any = client.get("/v1/presets?page[size]=100").json
    fits = {each["attributes"]["name"]: each["attributes"]["fit"] for each in presets["data"]}
    related: Any = client.get(f"{COLLECTION}/{made['id']}/variants?page[size]=100").json
    assert len(related["data"]) == len(fits) >= 10
    for each in related["data"]:
        said = each["attributes"]
        response = client.get(path_of(said["url"]))
        assert (response.status_code, response.content_type) == (200, said["media-type"]), said
        with Image.open(io.BytesIO(response.data)) as image:
            assert image.size == (said["width"], said["height"]), said
            assert Image.MIME[str(image.format)] == said["media-type"]
            if picture.frames > 1:
                moves = said["media-type"] in ANIMATED
                assert getattr(image, "is_animated", False) == moves, said
            found = opaque(image)
        where = fitted(fits[said["name"]], picture.shown.size, found.size)
        most = tolerance(picture.shown, where, found.size, said["media-type"])
        assert colours_apart(found, picture.shown, where) <= most + picture.coarseness, said
        # No small picture is heavy because of what it carries along.
        assert len(response.data) < 20_000 + said["width"] * said["height"] * 3 * picture.frames


@pytest.fixture
def with_presets(client: FlaskClient) -> FlaskClient:
    for name, attributes in PRESETS.items():
        body = {"data": {"type": "presets", "attributes": {"name": name, **attributes}}}
        response = client.post("/v1/presets", json=body, content_type=JSON_API)
        assert response.status_code == 201, response.text
    return client


def check(client: FlaskClient, picture: OddPicture) -> dict[str, Any]:
    """Send a picture, and check everything that comes back; return its resource."""
    made = send(client, picture.content)
    check_original(client, made, picture)
    check_variants(client, made, picture)
    return made


def refused(client: FlaskClient, content: bytes) -> dict[str, Any]:
    return only_error(post(client, document({"data": data_uri(content)})))


SCENE = quarters()
JPEG, PNG, GIF, WEBP, AVIF = "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"
PLAIN = {
    JPEG: saved(SCENE, "JPEG"),
    PNG: saved(SCENE, "PNG"),
    GIF: saved(SCENE, "GIF"),
    WEBP: saved(SCENE, "WEBP", quality=95),
    AVIF: saved(SCENE, "AVIF"),
}


# --- Long and narrow --------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
@pytest.mark.parametrize("size", [(20_000, 1), (1, 20_000), (20_000, 3)], ids=str)
def test_a_line_has_all_variants(
    with_presets: FlaskClient, size: tuple[int, int], format_: str
) -> None:
    scene = quarters(size)
    check(with_presets, OddPicture(saved(scene, format_), scene, f"image/{format_.lower()}"))


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
@pytest.mark.parametrize("size", [(900, 20_000), (20_000, 900)], ids=str)
def test_a_long_screenshot_has_all_variants(
    with_presets: FlaskClient, size: tuple[int, int], format_: str
) -> None:
    scene = quarters(size)
    check(with_presets, OddPicture(saved(scene, format_), scene, f"image/{format_.lower()}"))


# --- Turned -----------------------------------------------------------------------------------

turns = pytest.mark.parametrize("orientation", [5, 6])


def in_xmp(media_type: str, stored: Image.Image, orientation: int) -> bytes:
    packet = odd.xmp(orientation)
    if media_type == JPEG:
        segment = (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)
        return odd.jpeg_with(saved(stored, "JPEG"), segment)
    if media_type == PNG:
        text = odd.international_text("XML:com.adobe.xmp", packet)
        return odd.png_with(saved(stored, "PNG"), text)
    return saved(stored, "WEBP", quality=95, xmp=packet)


@turns
@pytest.mark.parametrize("media_type", [JPEG, PNG, WEBP])
def test_an_orientation_in_xmp_alone_turns_the_picture(
    with_presets: FlaskClient, media_type: str, orientation: int
) -> None:
    content = in_xmp(media_type, turned(SCENE, orientation), orientation)
    check(with_presets, OddPicture(content, SCENE, media_type))


@pytest.mark.parametrize("media_type", [AVIF, GIF])
def test_an_orientation_in_xmp_that_no_viewer_of_the_format_reads_turns_nothing(
    with_presets: FlaskClient, media_type: str
) -> None:
    content = saved(SCENE, media_type.partition("/")[2].upper(), xmp=odd.xmp(6))
    check(with_presets, OddPicture(content, SCENE, media_type))


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "compressed"])
@turns
def test_an_orientation_in_the_raw_profile_of_a_png_turns_the_picture(
    with_presets: FlaskClient, orientation: int, *, compressed: bool
) -> None:
    profile = odd.raw_profile("exif", odd.exif(orientation))
    text = odd.text_chunk("Raw profile type exif", profile, compressed=compressed)
    content = odd.png_with(saved(turned(SCENE, orientation), "PNG"), text)
    check(with_presets, OddPicture(content, SCENE, PNG))


def test_an_orientation_where_viewers_do_not_look_turns_nothing(with_presets: FlaskClient) -> None:
    profile = odd.raw_profile("generic", odd.exif(6))
    content = odd.png_with(PLAIN[PNG], odd.text_chunk("Raw profile type APP1", profile))
    check(with_presets, OddPicture(content, SCENE, PNG))


@pytest.mark.parametrize("orientation", [3, 6])
@pytest.mark.parametrize("format_", ["WEBP", "PNG"])
def test_an_animation_that_is_turned_is_shown_upright(
    with_presets: FlaskClient, format_: str, orientation: int
) -> None:
    frames = odd.frames()
    content = odd.animation(
        format_, [turned(each, orientation) for each in frames], exif=odd.exif(orientation)
    )
    check(with_presets, OddPicture(content, frames[0], f"image/{format_.lower()}", len(frames)))


# --- Heavy with what is not the picture -------------------------------------------------------


@pytest.mark.parametrize("media_type", [JPEG, PNG, WEBP, AVIF])
def test_a_long_colour_profile_stays_in_the_original_alone(
    with_presets: FlaskClient, media_type: str
) -> None:
    profile = odd.srgb_profile(padding=1_200_000)
    format_ = media_type.partition("/")[2].upper()
    content = saved(SCENE, format_, icc_profile=profile)
    assert len(content) > 1_200_000
    made = check(with_presets, OddPicture(content, SCENE, media_type))
    assert made["attributes"]["size"] > 1_200_000


@pytest.mark.parametrize(
    "text",
    [
        odd.text_chunk("Comment", b"x" * 5_000_000),
        odd.text_chunk("Comment", b"x" * 5_000_000, compressed=True),
        odd.international_text("workflow", b"x" * 5_000_000),
        odd.international_text("workflow", b"x" * 5_000_000, compressed=True),
        odd.international_text("XML:com.adobe.xmp", odd.xmp(1, padding=3_000_000), compressed=True),
    ],
    ids=["tEXt", "zTXt", "iTXt", "compressed iTXt", "XMP"],
)
@pytest.mark.parametrize("at_the_end", [False, True], ids=["before", "behind"])
def test_a_text_of_megabytes_is_removed(
    client: FlaskClient, text: bytes, *, at_the_end: bool
) -> None:
    plain = PLAIN[PNG]
    content = plain[:-12] + text + plain[-12:] if at_the_end else odd.png_with(plain, text)
    made = send(client, content)
    check_original(client, made, OddPicture(content, SCENE, PNG))
    assert client.get(path_of(made["attributes"]["url"])).data == plain


def test_a_text_that_is_a_bomb_is_refused(client: FlaskClient) -> None:
    text = odd.text_chunk("Comment", b"x" * 20_000_000, compressed=True)
    assert refused(client, odd.png_with(PLAIN[PNG], text))["code"] == "corrupt-image"


# --- Damaged where it does not matter, and where it does --------------------------------------


@pytest.mark.parametrize(
    "damaged",
    [
        odd.text_chunk("Comment", b"hello"),
        odd.text_chunk("Comment", b"hello", compressed=True),
        odd.international_text("Comment", b"hello"),
        chunk(b"tIME", b"\x07\xe8\x01\x01\x01\x01\x01"),
        chunk(b"gAMA", b"\x00\x00\x01\x8f"),
    ],
    ids=["tEXt", "zTXt", "iTXt", "tIME", "gAMA"],
)
def test_what_viewers_pass_over_for_its_checksum_is_removed(
    client: FlaskClient, damaged: bytes
) -> None:
    content = odd.png_with(PLAIN[PNG], odd.with_wrong_crc(damaged, damaged[4:8]))
    made = send(client, content)
    check_original(client, made, OddPicture(content, SCENE, PNG))
    assert client.get(path_of(made["attributes"]["url"])).data == PLAIN[PNG]


@pytest.mark.parametrize("type_", [b"IHDR", b"IDAT", b"IEND"])
def test_a_wrong_checksum_of_the_picture_is_refused(client: FlaskClient, type_: bytes) -> None:
    error = refused(client, odd.with_wrong_crc(PLAIN[PNG], type_))
    assert error["code"] == "corrupt-image"


@pytest.mark.parametrize("behind", [bytes(1000), b"PK\3\4" * 500], ids=["zeros", "an archive"])
@pytest.mark.parametrize("media_type", PLAIN)
def test_bytes_after_the_end_are_removed(
    client: FlaskClient, media_type: str, behind: bytes
) -> None:
    content = PLAIN[media_type] + behind
    made = send(client, content)
    check_original(client, made, OddPicture(content, SCENE, media_type))
    served = client.get(path_of(made["attributes"]["url"])).data
    assert b"PK\3\4" not in served
    assert not served.endswith(bytes(1000)) or media_type == AVIF  # zeros are a box without a name


@pytest.mark.parametrize(
    ("media_type", "missing"), [(JPEG, 2), (PNG, 12), (WEBP, 2), (AVIF, 2), (GIF, 1)]
)
def test_a_missing_end_is_refused(client: FlaskClient, media_type: str, missing: int) -> None:
    error = refused(client, PLAIN[media_type][:-missing])
    assert (error["status"], error["code"]) == ("422", "corrupt-image")
    assert "truncated" in error["detail"] or "damaged" in error["detail"]


# --- Colours ----------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", [None, odd.srgb_profile()], ids=["", "a profile of RGB"])
@pytest.mark.parametrize("marker", [True, False], ids=["Adobe", "no marker"])
def test_cmyk_keeps_its_colours(
    with_presets: FlaskClient, profile: bytes | None, *, marker: bool
) -> None:
    # As programs write it, inverted; browsers take it so with the marker and without.
    content = saved(SCENE.convert("CMYK"), "JPEG", icc_profile=profile)
    if not marker:
        content = odd.without_adobe_marker(content)
    assert (b"Adobe" in content) == marker
    check(with_presets, OddPicture(content, SCENE, JPEG))


GREY = quarters(colours=odd.GREYS, mode="L")


@pytest.mark.parametrize(
    "chunks", [(), (chunk(b"tRNS", b"\x12\x34"),)], ids=["", "with a transparent level"]
)
def test_sixteen_bits_of_grey_keep_their_levels(
    with_presets: FlaskClient, chunks: tuple[bytes, ...]
) -> None:
    deep = Image.new("I;16", GREY.size)
    deep.putdata([level * 257 for level in GREY.tobytes()])
    content = odd.png_with(saved(deep, "PNG"), *chunks)
    assert content[24:26] == b"\x10\0"  # sixteen bits of grey
    check(with_presets, OddPicture(content, GREY.convert("RGB"), PNG))


@pytest.mark.parametrize("padding", [0, 100_000], ids=["short", "long"])
@pytest.mark.parametrize(("format_", "mode"), [("JPEG", "L"), ("PNG", "L"), ("PNG", "LA")])
def test_a_profile_of_rgb_changes_no_grey(
    with_presets: FlaskClient, format_: str, mode: str, padding: int
) -> None:
    content = saved(GREY.convert(mode), format_, icc_profile=odd.srgb_profile(padding=padding))
    check(with_presets, OddPicture(content, GREY.convert("RGB"), f"image/{format_.lower()}"))


HDR = quarters(colours=tuple(map(odd.pq_signal, odd.COLOURS)))


@pytest.mark.parametrize("media_type", [AVIF, PNG])
def test_hdr_keeps_its_colours(with_presets: FlaskClient, media_type: str) -> None:
    # ITU-T H.273: BT.2020, the perceptual quantizer, RGB, the full range.
    content = odd.png_with(saved(HDR, "PNG"), chunk(b"cICP", b"\x09\x10\x00\x01"))
    content = content if media_type == PNG else odd.avif_of_hdr(HDR)
    # Of 255 levels of luminance up to 10,000 nits few are left for a page, and AVIF has lost some.
    coarseness = 8 if media_type == PNG else 20
    check(with_presets, OddPicture(content, SCENE, media_type, coarseness=coarseness))


def test_hdr_of_a_camera_looks_like_the_same_picture_without(client: FlaskClient) -> None:
    found = {each.path.name: each.path for each in corpus()}
    names = ("avif-colors_hdr_rec2020.avif", "avif-colors_sdr_srgb.avif")
    if not found.keys() >= set(names):
        pytest.skip(f"{VARIABLE} names no folder with these files; it is optional")
    hdr, plain = (send(client, found[name].read_bytes()) for name in names)
    for each in (hdr, plain):
        related: Any = client.get(f"{COLLECTION}/{each['id']}/variants").json
        by_name = {one["attributes"]["name"]: one["attributes"]["url"] for one in related["data"]}
        each["icon"] = client.get(path_of(by_name["icon"])).data
    with Image.open(io.BytesIO(hdr["icon"])) as one, Image.open(io.BytesIO(plain["icon"])) as two:
        shown, whole = opaque(two), fitted("inside", one.size, one.size)
        # The highlights are compressed, and HDR has colours that sRGB has not.
        assert colours_apart(opaque(one), shown, whole) < 75
        assert colours_apart(one.convert("RGB"), shown, whole) > 80


# --- Several pictures in a file ---------------------------------------------------------------


def test_an_animated_png_stays_animated(with_presets: FlaskClient) -> None:
    frames = odd.frames()
    check(with_presets, OddPicture(odd.animation("PNG", frames), frames[0], PNG, 3))


def test_the_picture_of_an_apng_for_those_who_cannot_show_it_is_no_frame(
    with_presets: FlaskClient,
) -> None:
    frames = odd.frames()
    for_others = Image.new("RGB", frames[0].size, "white")
    content = odd.animation("PNG", [for_others, *frames], default_image=True)
    made = check(with_presets, OddPicture(content, frames[0], PNG, 4))
    related: Any = with_presets.get(f"{COLLECTION}/{made['id']}/variants").json
    for each in related["data"]:
        content = with_presets.get(path_of(each["attributes"]["url"])).data
        with Image.open(io.BytesIO(content)) as image:
            assert getattr(image, "n_frames", 1) == (
                3 if each["attributes"]["media-type"] in ANIMATED else 1
            )


def durations(content: bytes) -> list[int]:
    found = []
    with Image.open(io.BytesIO(content)) as image:
        for number in range(image.n_frames):  # type: ignore[attr-defined]  # an animation
            image.seek(number)
            image.load()
            found.append(image.info["duration"])
    return found


def test_an_animation_without_delays_has_those_of_browsers(with_presets: FlaskClient) -> None:
    frames = odd.frames()
    content = odd.gif(frames[0].size, *(odd.gif_block(each, (0, 0)) for each in frames))
    made = check(with_presets, OddPicture(content, frames[0], GIF, 3))
    related: Any = with_presets.get(f"{COLLECTION}/{made['id']}/variants").json
    for each in related["data"]:
        if each["attributes"]["media-type"] in ANIMATED:
            content = with_presets.get(path_of(each["attributes"]["url"])).data
            assert durations(content) == [100] * 3  # as browsers show it


def test_a_frame_that_is_larger_than_its_screen_is_shown_whole(with_presets: FlaskClient) -> None:
    scene = quarters((100, 60))
    content = odd.gif((80, 50), odd.gif_block(scene, (0, 0)))
    check(with_presets, OddPicture(content, scene, GIF))


def test_a_later_frame_is_cut_at_the_edge_of_its_screen(with_presets: FlaskClient) -> None:
    first, *_ = odd.frames()
    later = odd.gif_block(quarters((60, 50)), (40, 20), delay=7)
    content = odd.gif(first.size, odd.gif_block(first, (0, 0), delay=7), later)
    check(with_presets, OddPicture(content, first, GIF, 2))


GAIN_MAP = b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta hdrgm:Version="1.0"/>'


@pytest.mark.parametrize("segments", [(), ((0xE1, GAIN_MAP),)], ids=["MPO", "Ultra HDR"])
def test_more_pictures_behind_a_jpeg_are_removed(
    with_presets: FlaskClient, segments: tuple[tuple[int, bytes], ...]
) -> None:
    other = saved(quarters((80, 50), odd.COLOURS[::-1]), "JPEG")
    content = odd.mpo(odd.jpeg_with(PLAIN[JPEG], *segments), other)
    made = check(with_presets, OddPicture(content, SCENE, JPEG))
    assert made["attributes"]["size"] < len(content) - len(other)
