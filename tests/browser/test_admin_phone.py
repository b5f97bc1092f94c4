"""The page of uploads on a phone: the pictures come first, and nothing is lost."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import OpenPage, Upload
from tests.images import picture

pytestmark = [pytest.mark.server, pytest.mark.slow]

HEIGHT = 844
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": HEIGHT},
    "has_touch": True,
    "is_mobile": True,
}
LIST = "/admin/uploads/"
FILTERED = f"{LIST}?visibility=public&alt=missing"


def tops(page: Page) -> list[float]:
    """Return how far below the top of the screen each tile begins, in pixels."""
    found: list[float] = page.locator(".tile").evaluate_all(
        "tiles => tiles.map((each) => each.getBoundingClientRect().top)"
    )
    return found


@pytest.fixture
def six(upload: Upload) -> None:
    """Six uploads without an alt text."""
    for n in range(6):
        upload(picture(size=(400, 300)), filename=f"{n}.png")


@pytest.mark.usefixtures("six")
@pytest.mark.parametrize("path", [LIST, FILTERED])
@pytest.mark.parametrize("language", ["en-GB", "de-DE"])
def test_pictures_are_on_the_first_screen(visit: OpenPage, path: str, language: str) -> None:
    page = visit(path, **PHONE, locale=language)
    first, _, third, *_ = tops(page)
    assert first < 0.6 * HEIGHT, "saved filters of other tests may stand above"
    assert third < 0.9 * HEIGHT


@pytest.mark.usefixtures("six")
def test_a_filter_in_use_is_counted_and_changed_without_a_script(visit: OpenPage) -> None:
    page = visit(FILTERED, **PHONE, java_script_enabled=False)
    summary = page.locator("summary", has_text="Order and filters")
    expect(summary).to_have_text("Order and filters 2 in use")
    expect(page.get_by_label("Order")).to_be_hidden()
    summary.press("Enter")
    expect(page.get_by_label("Visibility")).to_be_visible()
    page.get_by_label("Order").select_option("Oldest first")
    page.get_by_label("Visibility").select_option("Private")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    assert "order=oldest" in page.url


def test_a_filter_that_cannot_be_read_is_shown(visit: OpenPage, complaints: list[str]) -> None:
    page = visit(f"{LIST}?least=much", **PHONE)
    assert "400" in complaints.pop()
    expect(page.get_by_label("At least")).to_be_visible()


@pytest.mark.usefixtures("six", "node")
@pytest.mark.parametrize(("theme", "language"), [("light", "en-GB"), ("dark", "de-DE")])
def test_nothing_on_it_keeps_anybody_out(visit: OpenPage, theme: str, language: str) -> None:
    page = visit(FILTERED, **PHONE, color_scheme=theme, locale=language)
    page.locator(".narrow-only > summary").click()
    page.locator(".tile input").first.check()
    assert_accessible(page)


@pytest.mark.usefixtures("six")
@pytest.mark.parametrize("has_scripts", [True, False])
def test_what_is_done_with_the_chosen_is_near_the_thumb(
    visit: OpenPage, *, has_scripts: bool
) -> None:
    page = visit(LIST, **PHONE, java_script_enabled=has_scripts)
    button = page.get_by_role("button", name="Delete")
    expect(button).to_be_hidden()
    before = tops(page)
    page.get_by_label("Choose 5.png").check()
    expect(button).to_be_in_viewport(ratio=1)
    assert tops(page) == before
    button.click()
    expect(page.get_by_role("heading", name="Delete 1 upload?")).to_be_visible()


@pytest.mark.usefixtures("six")
def test_shortcuts_work_on_a_narrow_screen_too(visit: OpenPage) -> None:
    page = visit(LIST, **PHONE)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    with page.expect_file_chooser():
        page.keyboard.press("u")
    page.get_by_label("Choose 0.png").focus()
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="Edit 1")).to_be_in_viewport()


@pytest.mark.usefixtures("six")
def test_a_wide_screen_shows_the_order_at_once(visit: OpenPage) -> None:
    page = visit(LIST)
    expect(page.get_by_label("Order")).to_be_visible()
    expect(page.get_by_text("Order and filters")).to_be_hidden()
    page.get_by_text("Filters", exact=True).click()
    expect(page.get_by_label("Visibility")).to_be_visible()
