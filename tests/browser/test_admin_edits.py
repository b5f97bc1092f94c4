"""Uploads are edited together, undone and found again in a real Chromium."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Upload, listed
from tests.browser.pictures import take_picture
from tests.images import picture
from tests.server import Server

pytestmark = pytest.mark.server

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


def values(server: Server, name: str) -> list[str]:
    return sorted(str(each["attributes"][name]) for each in listed(server))


def test_chosen_uploads_are_edited_and_it_is_undone(
    visit: OpenPage, server: Server, upload: Upload
) -> None:
    for number in range(3):
        upload(picture(size=(320, 240)), filename=f"{number}.png", credit="Old")
    page = visit("/admin/uploads/")
    button = page.get_by_role("button", name="Edit the chosen")
    expect(button).to_be_disabled()
    page.get_by_label("Choose 0.png").check()
    page.get_by_label("Choose 2.png").check()
    page.get_by_role("button", name="Edit 2", exact=True).click()
    expect(page.get_by_role("heading", name="Edit 2 uploads")).to_be_visible()
    take_picture(page, "edit.png")
    page.get_by_role("group", name="Credit").get_by_role("textbox").fill("Ada")
    page.get_by_role("group", name="Caption").get_by_role("checkbox").check()
    page.get_by_role("button", name="Change 2 uploads").click()
    expect(page.get_by_text("Changed2")).to_be_visible()
    assert values(server, "credit") == ["Ada", "Ada", "Old"]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Undo 2 changes")).to_be_visible()
    assert values(server, "credit") == ["Old", "Old", "Old"]


def test_an_edit_is_undone_by_keyboard(visit: OpenPage, server: Server, upload: Upload) -> None:
    upload(picture(), filename="stage.png", alt="Old")
    (made,) = listed(server)
    page = visit(f"/admin/uploads/{made['id']}")
    page.get_by_label("Alt text").fill("New")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert values(server, "alt") == ["New"]
    page.locator("main").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Undone.")).to_be_visible()
    assert values(server, "alt") == ["Old"]


def test_many_are_changed_without_a_press_and_can_be_paused(
    visit: OpenPage, upload: Upload, complaints: list[str]
) -> None:
    upload(picture(), filename="one.png")
    upload(picture(), filename="two.png")
    page = visit("/admin/uploads/?size=20")
    for box in page.get_by_role("checkbox", name=re.compile("Choose")).all():
        box.check()
    with page.expect_navigation():
        page.get_by_role("button", name="Edit 2", exact=True).click()
    # The server answers as if it had not come far.
    page.route("**/continue", lambda route: route.fulfill(json={"done": 1, "total": 2}))
    html = (
        '<progress value="0" max="2" data-progress></progress><p data-status></p>'
        '<p data-problem hidden></p><form data-run data-runs action="/admin/edits/x/continue">'
        "<button data-continue>Continue</button>"
        '<button type="button" data-pause hidden>Pause</button></form>'
    )
    page.evaluate(
        """async html => {
            document.querySelector("main").innerHTML = html;
            const script = document.querySelector("script[type=module]").src;
            await import(script.replace("admin.js", "edits.js") + "?again");
        }""",
        html,
    )
    expect(page.get_by_text("1 of 2 uploads are done.")).to_be_visible()
    pause = page.get_by_role("button", name="Pause")
    pause.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Continue")).to_be_focused()
    # Instead of the answer above, which is not taken away: no request may reach the server.
    page.route("**/continue", lambda route: route.fulfill(status=503, json={"detail": "Later."}))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Later.")).to_be_visible()
    # The request that was on its way may be answered so, too. Another page is shown when the
    # browser has told of all that.
    page.goto("about:blank")
    assert all("503" in each for each in complaints)
    complaints.clear()


def test_a_filter_is_saved_and_an_address_is_found_on_a_phone(
    visit: OpenPage, server: Server, upload: Upload
) -> None:
    upload(picture(), filename="said.png", alt="Said")
    made = upload(picture(), filename="bare.png")
    page = visit("/admin/uploads/?alt=missing", **PHONE)
    page.get_by_text("Save this filter").click()
    page.get_by_label("Name of the filter").fill("Without alt text")
    page.get_by_role("button", name="Save the filter").click()
    page.goto(f"{server.url}/admin/uploads/")
    expect(page.locator(".tile")).to_have_count(2)
    page.get_by_role("link", name="Without alt text").click()
    expect(page.locator(".tile")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]  # type: ignore[index]  # it is a mapping
    page.get_by_label("Words").fill(f"![Bare]({made['url']}?width=3)")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name="bare.png")).to_be_visible()
    page.goto(f"{server.url}/admin/filters/")
    page.get_by_role("button", name="Delete Without alt text").click()
    expect(page.get_by_text("There are no saved filters")).to_be_visible()


def test_a_filter_of_one_long_word_fits_a_narrow_phone(
    visit: OpenPage, server: Server, upload: Upload
) -> None:
    upload(picture(), filename="stage.png")
    page = visit("/admin/uploads/?q=stage", viewport={"width": 320, "height": 700}, locale="de-DE")
    page.get_by_text("Diesen Filter speichern").click()
    page.get_by_label("Name des Filters").fill("Veranstaltungsbenachrichtigung" * 2 + "sverwaltung")
    page.get_by_role("button", name="Filter speichern", exact=True).click()
    expect(page.get_by_role("link", name="Veranstaltung")).to_be_visible()
    expect(page.get_by_text("Der Filter wurde gespeichert.")).to_be_visible()
    # With its style sheet.
    page.wait_for_load_state()
    link = page.get_by_role("link", name="Veranstaltung").bounding_box()
    assert link
    assert link["x"] + link["width"] <= 320
    page.goto(f"{server.url}/admin/filters/")
    delete = page.get_by_role("button", name=re.compile("^Veranstaltung.* löschen$"))
    delete.click()
    expect(delete).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
