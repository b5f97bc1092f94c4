"""The site of the documentation in a real Chromium: it is whole by itself, and can be searched."""

import re
from typing import Literal, get_args

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Serve
from tests.browser.pictures import take_picture
from tests.release.site import build_site

pytestmark = [pytest.mark.slow, pytest.mark.default_stack("pages are the same")]

SIZES = {"desktop": (1280, 800), "phone": (390, 800)}
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> str:
    """The address of the built site."""
    folder = tmp_path_factory.mktemp("site")
    build_site(folder)
    return serve(folder)


def open_site(browser: Browser, address: str, size: str, scheme: Scheme) -> tuple[Page, list[str]]:
    """Open a window on a page; return it, and what it complains of or fetches from elsewhere."""
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    origin = re.match(r"http://[^/]+", address)
    assert origin
    found: list[str] = []
    page.on(
        "request", lambda sent: None if sent.url.startswith(origin[0]) else found.append(sent.url)
    )
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.goto(address)
    return page, found


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize("scheme", get_args(Scheme))
@pytest.mark.parametrize("size", SIZES)
def test_a_page_fits_keeps_nobody_out_and_fetches_nothing_from_elsewhere(
    browser: Browser, site: str, size: str, scheme: Scheme
) -> None:
    for name in ("", "tutorial/", "reference/http/", "explanation/security/"):
        page, found = open_site(browser, f"{site}/{name}", size, scheme)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") == SIZES[size][0], name
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (background == "rgb(255, 255, 255)") == (scheme == "light")
        broken = "[...document.images].filter(each => !each.naturalWidth).map(each => each.src)"
        page.evaluate("document.querySelectorAll('img').forEach(each => each.loading = 'eager')")
        assert page.evaluate(broken) == []
        assert_accessible(page)
        assert found == []
        if not name:
            take_picture(page, f"{size}-{scheme}.png")
        page.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_word_is_found_and_leads_to_its_section(browser: Browser, site: str, size: str) -> None:
    page, found = open_site(browser, f"{site}/", size, "light")
    if size == "phone":
        page.locator("label.md-header__button[for='__search']").click()
    search = page.get_by_role("textbox", name="Search")
    search.fill("quarantine")
    # The search looks at what is typed when a key is let go.
    search.press("End")
    result = page.locator(".md-search-result__link", has_text="Verify").first
    expect(result).to_be_visible()
    result.click()
    expect(page).to_have_url(re.compile("/how-to/maintenance/"))
    assert found == []
    page.close()


def test_the_way_through_the_tutorial_needs_no_mouse(browser: Browser, site: str) -> None:
    page, _ = open_site(browser, f"{site}/", "desktop", "light")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.get_by_role("link", name="tutorial", exact=True).first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("Tutorial"))
    page.close()
