"""`examples/react`, built, in Chromium."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import OpenPage, Upload, Written, listed
from tests.browser.held import HeldRequests
from tests.browser.pictures import take_picture
from tests.commands import run_command
from tests.images import landscape, noise, picture
from tests.js_client import build_js_client
from tests.machine import node_with_packages, one_process_at_a_time
from tests.server import Server

pytestmark = [pytest.mark.server, pytest.mark.slow]

REACT = Path(__file__).parents[2] / "examples/react"
PAGE = REACT.parents[1] / "docs/how-to/react.md"
NO_PICTURE = b"<!doctype html><title>Not a picture</title>"

OpenReact = Callable[..., Page]


@pytest.fixture(scope="module")
def react() -> str:
    """The path of Node, once the example can be built."""
    build_js_client()
    return node_with_packages(REACT)


@pytest.fixture(scope="module")
def address(react: str, written: Written) -> str:
    """Where the built example is."""
    folder, origin = written
    with one_process_at_a_time(REACT):
        run_command(react, "node_modules/vite/bin/vite.js", "build", "--logLevel=warn", cwd=REACT)
        shutil.copytree(REACT / "dist", folder / "react", dirs_exist_ok=True)
    return f"{origin}/react/"


@pytest.fixture
def open_react(open_page: OpenPage, address: str, server: Server) -> OpenReact:
    def open_react(prepare: Callable[[Page], None] | None = None, **options: object) -> Page:
        url = f"{address}?server={server.url}#token={server.token}"
        return open_page(url, prepare, **options)

    return open_react


def send(page: Page, content: bytes, alt: str) -> None:
    page.get_by_label("Picture", exact=True).set_input_files(
        {"name": "sent.jpg", "mimeType": "image/jpeg", "buffer": content}
    )
    page.locator("form").get_by_label("What it shows").fill(alt)
    page.get_by_role("button", name="Upload").click()


def loaded(image: Locator) -> Locator:
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", value=True)
    image.evaluate("image => image.decode()")
    return image


def test_pictures_are_shown_in_the_size_that_fits(open_react: OpenReact, upload: Upload) -> None:
    for alt, colours in {
        "Dunes": ("#f2c14e", "#b5651d"),
        "The main stage": ("#264653", "#e76f51"),
        "A sun over the sea": ("#aaccee", "#ffcc00"),
    }.items():
        upload(landscape(*colours), alt=alt)
    page = open_react(viewport={"width": 1000, "height": 700})
    expect(page.get_by_role("img")).to_have_count(3)
    image = loaded(page.get_by_role("img", name="A sun over the sea"))
    assert image.evaluate("image => image.currentSrc.includes('/media/variants/')")
    for each in page.get_by_role("img").all():
        loaded(each)
    page.evaluate("window.scrollTo(0, 0)")
    take_picture(page, "react-gallery.png")


def test_a_placeholder_stands_there_until_the_picture_is_loaded(
    open_react: OpenReact, upload: Upload
) -> None:
    upload(landscape("#aaccee", "#ffcc00"), alt="A sun over the sea")
    held = []
    page = open_react(lambda page: held.append(HeldRequests(page, "**/media/**")))
    image = page.get_by_role("img", name="A sun over the sea")
    expect(image).to_have_css("background-image", re.compile(r"^url\(\"data:image/png"))
    assert image.evaluate("image => !image.complete")
    held[0].let_go()
    expect(loaded(image)).to_have_css("background-image", "none")


def test_pages_follow_each_other(open_react: OpenReact, upload: Upload) -> None:
    for number in range(14):
        upload(picture(), alt=f"Number {number}")
    page = open_react()
    expect(page.get_by_role("img")).to_have_count(12)
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("img")).to_have_count(14)
    expect(page.get_by_role("img").last).to_have_attribute("alt", "Number 0")
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def test_an_upload_shows_its_progress_and_appears(open_react: OpenReact, server: Server) -> None:
    page = open_react()
    expect(page.get_by_text("There are no pictures yet.")).to_be_visible()
    page.evaluate(
        """() => {
          window.seen = [];
          new MutationObserver(() => {
            const progress = document.querySelector('progress');
            if (progress) window.seen.push(progress.value);
          }).observe(document.body, { childList: true, subtree: true, attributes: true });
        }"""
    )
    send(page, noise((1600, 1200)), "Noise")
    expect(page.get_by_role("img", name="Noise")).to_be_visible()
    assert page.evaluate("window.seen.at(-1)") == 100
    (made,) = listed(server)
    assert (made["attributes"]["alt"], made["attributes"]["filename"]) == ("Noise", "sent.jpg")
    expect(page.get_by_role("button", name="Upload")).to_be_enabled()


def test_a_description_is_saved(open_react: OpenReact, upload: Upload, server: Server) -> None:
    upload(picture(), alt="Before")
    page = open_react()
    field = page.get_by_role("listitem").get_by_label("What it shows")
    field.fill("After")
    field.press("Enter")
    expect(page.get_by_role("img", name="After")).to_be_visible()
    assert listed(server)[0]["attributes"]["alt"] == "After"


@pytest.mark.parametrize(
    ("content", "alt", "label", "words"),
    [
        (NO_PICTURE, "A page", "Picture", "not an image"),
        (picture(), "A" * 2001, "What it shows", "2000"),
    ],
    ids=["file", "description"],
)
def test_an_error_stands_at_its_field(  # noqa: PLR0913, PLR0917 - the example and four columns
    open_react: OpenReact,
    complaints: list[str],
    content: bytes,
    alt: str,
    label: str,
    words: str,
) -> None:
    page = open_react()
    send(page, content, alt)
    field = page.locator("form").get_by_label(label, exact=True)
    expect(field).to_have_accessible_description(re.compile(words))
    assert all("status of 422" in each for each in complaints)
    complaints.clear()


@pytest.mark.usefixtures("node")  # It installs axe-core.
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way(open_react: OpenReact, upload: Upload, scheme: str) -> None:
    upload(picture(), alt="A teal ground")
    page = open_react(color_scheme=scheme, viewport={"width": 320, "height": 800})
    loaded(page.get_by_role("img", name="A teal ground"))
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


# --- The page about it ------------------------------------------------------------------------


def test_the_page_shows_the_example_and_its_own_part_has_sound_types(
    react: str, tmp_path: Path
) -> None:
    *parts, whole = re.findall(r"^```tsx\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    sources = "".join(each.read_text() for each in sorted((REACT / "src").glob("*.tsx")))
    assert parts
    assert [part for part in parts if part not in sources] == []
    shutil.copytree(REACT / "src", tmp_path / "src")
    shutil.copy(REACT / "tsconfig.json", tmp_path)
    (tmp_path / "node_modules").symlink_to(REACT / "node_modules")
    (tmp_path / "src/page.tsx").write_text(whole)
    run_command(react, REACT / "node_modules/typescript/bin/tsc", "--noEmit", cwd=tmp_path)
