"""The pages for admins without a mouse, with a screen reader, in large type, in German."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from open_event_uploads.admin.formatting import format_size
from open_event_uploads.admin.translate import ngettext
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import OpenPage, Upload, listed
from tests.browser.held import HeldRequests
from tests.images import noise, picture
from tests.server import Server

pytestmark = [pytest.mark.server, pytest.mark.slow]

GERMAN = {"locale": "de-DE"}
# About each place where the unit or the decimal place changes.
SIZES = [
    *(0, 1, 2, 999),
    *(n * 1000**unit + more for unit in (1, 2, 3) for n in (1, 8, 10, 250) for more in (-1, 0, 1)),
    *(
        n * 1000**unit
        for unit in (0, 1, 2)
        for n in (1250, 8350, 8450, 9949, 9950, 999_499, 999_500)
    ),
    10**15,
]
PAGES = (
    "/admin/",
    "/admin/uploads/",
    "/admin/uploads/?view=small",
    "/admin/uploads/?view=list&since=2020-01-01",
    "/admin/uploads/?q=nothing",
    "/admin/users/",
    "/admin/users/new",
    "/admin/tokens/",
    "/admin/presets/",
    "/admin/presets/new",
)


def pages(server: Server) -> list[str]:
    """Return every page, with that of an upload, a user and a preset."""
    (uploaded, *_) = listed(server)
    owner = uploaded["relationships"]["owner"]["data"]["id"]
    return [*PAGES, f"/admin/uploads/{uploaded['id']}", f"/admin/users/{owner}"]


def focused(page: Page) -> str:
    """Return the name of what has the focus."""
    name: str = page.evaluate(
        "() => (document.activeElement.ariaLabel ?? document.activeElement.labels?.[0]?.innerText"
        " ?? document.activeElement.innerText).trim()"
    )
    return name


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize(("theme", "language"), [("light", "en-GB"), ("dark", "de-DE")])
def test_no_page_keeps_anybody_out(
    visit: OpenPage, server: Server, upload: Upload, theme: str, language: str
) -> None:
    upload(picture(), filename="stage.png")
    upload(picture("GIF"), filename="wave.gif", alt="A wave", visibility="private")
    page = visit("/admin/", color_scheme=theme, locale=language)
    for path in pages(server):
        page.goto(f"{server.url}{path}", wait_until="networkidle")
        assert_accessible(page)
    page.keyboard.press("?")
    assert_accessible(page)


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_kept_from_signing_in_or_from_reading_what_is_wrong(
    open_page: OpenPage, visit: OpenPage, server: Server, complaints: list[str], theme: str
) -> None:
    assert_accessible(open_page(f"{server.url}/admin/", color_scheme=theme))
    page = visit("/admin/nothing", color_scheme=theme)
    assert "404" in complaints.pop()
    assert_accessible(page)
    page.goto(f"{server.url}/admin/uploads/?least=much")
    assert "400" in complaints.pop()
    expect(page.get_by_role("alert")).to_be_focused()
    assert_accessible(page)


def test_one_moves_among_uploads_with_arrow_keys(visit: OpenPage, upload: Upload) -> None:
    for n in range(6):
        upload(picture(), filename=f"{n}.png")
    page = visit("/admin/uploads/?order=oldest", viewport={"width": 600, "height": 900})
    first = page.get_by_role("link", name="0.png")
    first.focus()
    widths = "each => getComputedStyle(each).gridTemplateColumns"
    columns = len(page.locator(".tiles").evaluate(widths).split())
    for key, name in (
        ("ArrowRight", "1.png"),
        ("ArrowLeft", "0.png"),
        ("ArrowDown", f"{columns}.png"),
        ("ArrowUp", "0.png"),
        ("ArrowUp", "0.png"),
        ("End", "5.png"),
        ("Home", "0.png"),
    ):
        page.keyboard.press(key)
        assert focused(page) == name, key
    # One upload of the page can be reached with Tab: a link, a checkbox and the owner.
    for name in ("Choose 0.png", "Admin", "Deutsch"):
        page.keyboard.press("Tab")
        assert focused(page) == name
    page.get_by_label("Choose 0.png").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="Choose 1.png")).to_be_checked()
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name="Choose 1.png")).not_to_be_checked()


def test_rows_of_the_list_are_moved_among_too(visit: OpenPage, upload: Upload) -> None:
    for n in range(3):
        upload(picture(), filename=f"{n}.png")
    page = visit("/admin/uploads/?order=oldest&view=list")
    page.get_by_role("link", name="0.png").focus()
    page.keyboard.press("ArrowDown")
    assert focused(page) == "1.png"


def test_shortcuts_are_listed_and_do_what_they_say(visit: OpenPage, upload: Upload) -> None:
    for n in range(21):
        upload(picture(), filename=f"{n:02}.png")
    page = visit("/admin/uploads/?order=oldest")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type("n?/x")
    expect(search).to_have_value("n?/x")
    page.keyboard.press("Escape")
    expect(search).not_to_be_focused()
    with page.expect_file_chooser():
        page.keyboard.press("u")
    page.keyboard.press("n")
    page.wait_for_url(re.compile("after="))
    page.keyboard.press("p")
    page.wait_for_url(re.compile("before="))


def test_single_keys_can_be_turned_off(visit: OpenPage) -> None:
    page = visit("/admin/uploads/")
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Use the keys that are a single character").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()


def test_a_form_is_saved_by_keyboard_and_what_was_done_is_read_first(
    visit: OpenPage, server: Server, upload: Upload
) -> None:
    upload(picture(), filename="stage.png")
    page = visit(f"/admin/uploads/{listed(server)[0]['id']}")
    page.get_by_label("Alt text").fill("The main stage")
    page.keyboard.press("Control+s")
    notice = page.get_by_role("status").first
    expect(notice).to_have_text("Saved.")
    expect(page.locator(".notice")).to_be_focused()
    assert listed(server)[0]["attributes"]["alt"] == "The main stage"


def test_a_column_of_the_list_puts_it_in_order(visit: OpenPage, upload: Upload) -> None:
    for size in (12, 400, 40):
        upload(picture(size=(size, 8)), filename=f"{size}.png")
    page = visit("/admin/uploads/?view=list")
    names = page.locator("td a.name")
    page.get_by_role("columnheader", name="Size").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Size")).to_have_attribute(
        "aria-sort", "descending"
    )
    assert names.all_inner_texts() == ["400.png", "40.png", "12.png"]
    page.get_by_role("columnheader", name="Size").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Size")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert names.all_inner_texts() == ["12.png", "40.png", "400.png"]


@pytest.mark.parametrize(
    ("width", "type_size"), [(390, "100%"), (1280, "200%"), (390, "200%")], ids=str
)
def test_nothing_is_cut_off_in_german(
    visit: OpenPage, server: Server, upload: Upload, width: int, type_size: str
) -> None:
    upload(picture(), filename="eine-datei-ohne-stelle-zum-umbrechen" * 3 + ".png")
    page = visit("/admin/", viewport={"width": width, "height": 844}, **GERMAN)
    for path in pages(server):
        page.goto(f"{server.url}{path}")
        page.evaluate("size => (document.documentElement.style.fontSize = size)", type_size)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_language_is_chosen_on_the_page_and_scripts_speak_it(
    visit: OpenPage, server: Server
) -> None:
    page = visit("/admin/uploads/?view=list")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("link", name="Übersicht")).to_be_visible()
    assert page.url.endswith("?view=list")
    held = HeldRequests(page, "**/admin/files/resumable/")
    page.wait_for_load_state("networkidle")
    content = noise((200, 200))
    page.locator("#files").set_input_files(
        {"name": "eins.jpg", "mimeType": "image/jpeg", "buffer": content}
    )
    size = f"{len(content) / 1000:.0f} kB"
    expect(page.locator(".sending [data-state]")).to_have_text(f"0 Byte von {size}")
    expect(page.get_by_role("button", name="Anhalten eins.jpg")).to_be_visible()
    held.let_go()
    expect(page.get_by_text("1 Upload", exact=True)).to_be_visible()
    assert len(listed(server)) == 1


@pytest.mark.parametrize("language", ["en", "de"])
def test_scripts_write_figures_as_the_server_does(visit: OpenPage, language: str) -> None:
    page = visit("/admin/uploads/", locale=language)
    said = page.evaluate(
        """async (sizes) => {
            const { src } = document.querySelector("script[type=module]");
            const { formatSize, say } = await import(new URL("texts.js", src));
            const counts = [1, 5].map((num) => say("uploaded", { num }));
            return [...sizes.map(formatSize), ...counts];
        }""",
        SIZES,
    )
    with Flask(__name__).test_request_context(headers={"Accept-Language": language}):
        sizes = [format_size(each) for each in SIZES]
        forms = ("%(num)s file was uploaded.", "%(num)s files were uploaded.")
        assert said == [*sizes, ngettext(*forms, 1), ngettext(*forms, 5)]


def test_the_language_is_chosen_without_a_script(visit: OpenPage) -> None:
    page = visit("/admin/users/", java_script_enabled=False)
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("heading", name="Konten")).to_be_visible()
    expect(page.get_by_role("button", name="Tastenkürzel")).to_be_hidden()


def test_in_forced_colours_the_chosen_are_told_apart(visit: OpenPage, upload: Upload) -> None:
    upload(picture(), filename="stage.png")
    page = visit("/admin/uploads/", forced_colors="active", reduced_motion="reduce")
    tile = page.locator(".tile")
    assert tile.evaluate("each => getComputedStyle(each).transitionDuration") == "0s"
    assert tile.evaluate("each => getComputedStyle(each).outlineStyle") == "none"
    page.get_by_label("Choose stage.png").check()
    assert tile.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"


def test_the_page_does_not_move_while_it_loads(visit: OpenPage, upload: Upload) -> None:
    for n in range(20):
        upload(picture(size=(400, 300)), filename=f"{n}.png")
    page = visit("/admin/uploads/", viewport={"width": 390, "height": 844})
    page.wait_for_load_state("networkidle")
    shift = page.evaluate(
        """() => new Promise((resolve) => {
            let sum = 0;
            new PerformanceObserver((list) => {
                for (const each of list.getEntries()) sum += each.value;
            }).observe({ type: "layout-shift", buffered: true });
            setTimeout(() => resolve(sum), 500);
        })"""
    )
    assert shift < 0.02
