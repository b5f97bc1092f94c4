"""`examples/gallery` shows what the server holds, each picture in the size that fits."""

import io
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import FileChooser, Locator, Page, expect

from tests.browser.conftest import OpenPage, Upload, listed
from tests.browser.held import HeldRequests
from tests.images import picture
from tests.other_files import FILES, SVG
from tests.server import Server

pytestmark = pytest.mark.server

RED, BLUE = (200, 30, 30), (30, 30, 200)
PAGE = b"<!doctype html><title>Not a picture</title>"
REFUSED = (
    "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
)


def two_colours(size: tuple[int, int]) -> Image.Image:
    """The upper half red, the lower blue."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (0, size[1] // 2, *size))
    return image


def encoded(image: Image.Image, format_: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format_, **options)
    return stream.getvalue()


def upper_and_lower_colour(image: Locator) -> list[tuple[int, ...]]:
    """What is on the screen a quarter and three quarters down a picture."""
    with Image.open(io.BytesIO(image.screenshot())) as shot:
        seen = shot.convert("RGB")
    return [seen.getpixel((seen.width // 2, seen.height * n // 4)) for n in (1, 3)]  # type: ignore[misc]  # RGB has tuples


def is_near(colour: tuple[int, ...], expected: tuple[int, ...], tolerance: int = 12) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(colour, expected, strict=True))


def loaded(image: Locator) -> Locator:
    """A picture, once the browser has all of it."""
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", value=True)
    image.evaluate("image => image.decode()")
    return image


# --- What there is ----------------------------------------------------------------------------


def test_every_upload_is_shown_the_newest_first(open_gallery: OpenPage, upload: Upload) -> None:
    for alt, format_ in (("One", "PNG"), ("Two", "JPEG"), ("Three", "GIF"), ("Four", "WEBP")):
        upload(picture(format_, size=(64, 48)), alt=alt)
    images = open_gallery().get_by_role("list", name="Pictures").get_by_role("img")
    expect(images).to_have_count(4)
    assert [image.get_attribute("alt") for image in images.all()] == ["Four", "Three", "Two", "One"]
    for image in images.all():
        assert loaded(image).evaluate("image => image.naturalWidth") > 0


def test_what_does_not_fit_on_a_page_is_a_button_away(
    open_gallery: OpenPage, upload: Upload
) -> None:
    for n in range(25):
        upload(picture(), alt=f"Number {n}")
    page = open_gallery()
    expect(page.get_by_role("img")).to_have_count(24)
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("img")).to_have_count(25)
    expect(page.get_by_role("img").last).to_have_attribute("alt", "Number 0")
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def test_an_empty_server_is_no_blank_page(open_gallery: OpenPage) -> None:
    page = open_gallery()
    expect(page.get_by_text("There are no pictures yet.")).to_be_visible()
    expect(page.get_by_role("status")).to_be_empty()


def test_a_picture_leads_to_its_original(open_gallery: OpenPage, upload: Upload) -> None:
    url = upload(picture(), alt="A teal ground")["url"]
    link = open_gallery().get_by_role("link", name="A teal ground")
    expect(link).to_have_attribute("href", url)


def test_a_drawing_without_pixels_is_shown(
    open_page: OpenPage, examples: str, tmp_path: Path
) -> None:
    server = Server(tmp_path, cors_origins=examples, media_types="image/svg+xml")
    try:
        server.upload(SVG, alt="A drawing")
        page = open_page(f"{examples}/gallery/?server={server.url}#token={server.token}")
        image = loaded(page.get_by_role("img", name="A drawing"))
        teal = (0, 128, 128)
        assert all(is_near(colour, teal) for colour in upper_and_lower_colour(image))
    finally:
        server.stop()


def test_a_file_that_is_no_picture_is_linked(open_gallery: OpenPage, server: Server) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="talk.pdf"\r\n\r\n'
        + FILES["application/pdf"]
        + b"\r\n--b--\r\n"
    )
    form = "multipart/form-data; boundary=b"
    assert server.request("POST", "/v1/upload/files", body, form)[0] == 200
    page = open_gallery()
    expect(page.get_by_text("talk.pdf").first).to_be_visible()
    url = listed(server)[0]["attributes"]["url"]
    expect(page.get_by_role("link", name="application/pdf")).to_have_attribute("href", url)
    expect(page.get_by_role("img")).to_have_count(0)


# --- The size that fits -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("viewport", "device_pixels", "shown", "fetched"),
    [(1400, 1, 432, 500), (1400, 2, 432, 1300), (390, 1, 390, 500), (390, 3, 390, 1300)],
)
def test_the_browser_fetches_the_size_that_fits_and_no_other(  # noqa: PLR0913, PLR0917 - fixtures
    open_gallery: OpenPage,
    upload: Upload,
    viewport: int,
    device_pixels: int,
    shown: int,
    fetched: int,
) -> None:
    upload(encoded(two_colours((1600, 1200))), alt="Two colours")
    media = []
    page = open_gallery(
        lambda page: page.on(
            "response", lambda answer: media.append(answer) if "/media/" in answer.url else None
        ),
        viewport={"width": viewport, "height": 900},
        device_scale_factor=device_pixels,
    )
    image = loaded(page.get_by_role("img", name="Two colours"))
    (answer,) = media
    assert image.evaluate("image => image.currentSrc") == answer.url
    assert urlsplit(answer.url).path.startswith("/media/variants/")
    with Image.open(io.BytesIO(answer.body())) as variant:
        assert variant.size == (fetched, fetched * 3 // 4)
    # In CSS pixels: what `sizes` promises, at the density that the chosen width then has.
    assert abs(image.evaluate("image => image.naturalWidth") - shown) <= 1


def test_squares_are_not_offered_for_a_picture_that_is_none(
    open_gallery: OpenPage, upload: Upload
) -> None:
    upload(encoded(two_colours((1600, 1200))), alt="Two colours")
    upload(picture(size=(600, 600)), alt="A square")

    def widths(name: str) -> list[int]:
        srcset = page.get_by_role("img", name=name).get_attribute("srcset")
        assert srcset
        return sorted(int(each.split()[1].removesuffix("w")) for each in srcset.split(","))

    page = open_gallery()
    assert widths("Two colours") == [75, 500, 1300]
    assert widths("A square") == [35, 50, 75, 500, 600]


def test_a_picture_taken_sideways_is_upright(open_gallery: OpenPage, upload: Upload) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    sideways = two_colours((600, 800)).transpose(Image.Transpose.ROTATE_90)
    upload(encoded(sideways, "JPEG", exif=exif, quality=95), alt="Sideways")
    image = loaded(open_gallery().get_by_role("img", name="Sideways"))
    assert image.evaluate("image => image.naturalWidth < image.naturalHeight")
    upper, lower = upper_and_lower_colour(image)
    assert is_near(upper, RED)
    assert is_near(lower, BLUE)


# --- While it loads ---------------------------------------------------------------------------


def test_a_preview_is_there_before_the_picture_and_gone_after(
    open_gallery: OpenPage, upload: Upload
) -> None:
    upload(encoded(two_colours((800, 600))), alt="Two colours")
    held = []
    page = open_gallery(lambda page: held.append(HeldRequests(page, "**/media/**")))
    image = page.get_by_role("img", name="Two colours")
    expect(image).to_have_css("background-image", re.compile(r"^url\(\"data:image/png"))
    assert image.evaluate("image => !image.complete")
    upper, lower = upper_and_lower_colour(image)
    # A ThumbHash is coarse; red above and blue below it must be.
    assert is_near(upper, RED, 60)
    assert is_near(lower, BLUE, 60)
    held[0].let_go()
    expect(loaded(image)).to_have_css("background-image", "none")


# --- Uploading --------------------------------------------------------------------------------


def test_an_uploaded_file_appears_above_the_others(
    open_gallery: OpenPage, upload: Upload, server: Server
) -> None:
    upload(picture(), alt="Earlier")
    page = open_gallery()
    send(page, "sun.png", encoded(two_colours((640, 480))), "A sun over the sea")
    image = page.get_by_role("img").first
    expect(image).to_have_attribute("alt", "A sun over the sea")
    assert loaded(image).evaluate("image => image.currentSrc.includes('/media/variants/')")
    assert listed(server)[0]["attributes"]["filename"] == "sun.png"
    expect(page.get_by_label("What it shows")).to_have_value("")


def test_the_keyboard_alone_uploads(open_gallery: OpenPage) -> None:
    def choose(chooser: FileChooser) -> None:
        chooser.set_files({"name": "sun.png", "mimeType": "image/png", "buffer": picture()})

    # Listened to from the start: only then does Chromium open no dialog of its own.
    page = open_gallery(lambda page: page.on("filechooser", choose))
    expect(page.get_by_text("There are no pictures yet.")).to_be_visible()
    page.keyboard.press("Tab")
    chosen = page.get_by_label("Picture", exact=True)
    expect(chosen).to_be_focused()
    page.keyboard.press("Space")
    expect(chosen).to_have_value(re.compile("sun.png$"))
    page.keyboard.press("Tab")
    page.keyboard.type("A sun")
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="A sun")).to_be_visible()
    expect(page.get_by_text("There are no pictures yet.")).to_be_hidden()


def test_a_refused_file_shows_the_words_of_the_server(
    open_gallery: OpenPage, server: Server, complaints: list[str]
) -> None:
    page = open_gallery()
    send(page, "page.gif", PAGE, "No picture")
    expect(page.get_by_role("alert")).to_contain_text("not an image")
    expect(page.get_by_role("button", name="Upload")).to_be_enabled()
    expect(page.get_by_role("img")).to_have_count(0)
    assert listed(server) == []
    assert REFUSED in complaints.pop()


def send(page: Page, filename: str, content: bytes, alt: str) -> None:
    page.get_by_label("Picture", exact=True).set_input_files(
        {"name": filename, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_label("What it shows").fill(alt)
    page.get_by_role("button", name="Upload").click()


# --- What goes wrong --------------------------------------------------------------------------


def test_the_words_of_strangers_are_text(open_gallery: OpenPage, upload: Upload) -> None:
    alt = "<script>document.title = 'ran'</script>"
    filename = "<img src=x onerror=\"document.title = 'ran'\">.png"
    upload(picture(), alt=alt, filename=filename)
    page = open_gallery()
    expect(page.get_by_text(alt)).to_be_visible()
    expect(page.get_by_text(filename)).to_be_visible()
    expect(page.get_by_role("img")).to_have_count(1)
    expect(page.get_by_role("img")).to_have_attribute("alt", alt)
    assert page.title() == "Gallery"


def test_a_page_that_may_not_read_says_what_may_be_missing(
    open_page: OpenPage, examples: str, server: Server, complaints: list[str]
) -> None:
    stranger = examples.replace("127.0.0.1", "localhost")
    page = open_page(f"{stranger}/gallery/?server={server.url}#token={server.token}")
    expect(page.get_by_role("alert")).to_contain_text("UPLOADS_CORS_ORIGINS")
    assert any("blocked by CORS policy" in each for each in complaints)
    complaints.clear()


def test_a_phone_shows_everything_without_scrolling_sideways(
    open_gallery: OpenPage, upload: Upload
) -> None:
    upload(picture(size=(1600, 40)), alt="A" * 200, filename=f"{'b' * 100}.png")
    page = open_gallery(viewport={"width": 320, "height": 640})
    loaded(page.get_by_role("img"))
    assert page.evaluate("document.documentElement.scrollWidth") == 320
