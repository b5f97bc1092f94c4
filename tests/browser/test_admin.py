"""The pages for admins in a real Chromium: what people do there, and what nothing may do."""

import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Upload, Written, listed, sign_in
from tests.browser.held import HeldRequests
from tests.browser.pictures import picture_folder
from tests.images import landscape, picture
from tests.server import Server

pytestmark = pytest.mark.server

OTHER = "another horse, another battery"


def follow(page: Page, filename: str) -> None:
    """Opens the page of an upload, to its end: its script is at work then."""
    page.get_by_role("link", name=filename).click()
    page.wait_for_url(re.compile("/admin/uploads/[0-9a-f-]{36}"))


def tiles(page: Page) -> list[str]:
    return page.locator(".tile .name").all_inner_texts()


def patch(server: Server, path: str, type_: str, **attributes: object) -> None:
    sent = {"data": {"type": type_, "id": path.rpartition("/")[2], "attributes": attributes}}
    status, body = server.request(
        "PATCH", path, json.dumps(sent).encode(), "application/vnd.api+json"
    )
    assert status == 200, body


def made(server: Server, path: str, type_: str, **attributes: object) -> str:
    """The id of what is made over the API."""
    sent = {"data": {"type": type_, "attributes": attributes}}
    status, body = server.request(
        "POST", path, json.dumps(sent).encode(), "application/vnd.api+json"
    )
    assert status == 201, body
    return str(json.loads(body)["data"]["id"])


# --- In and out -------------------------------------------------------------------------------


def test_an_admin_signs_in_sees_what_was_just_uploaded_and_signs_out(
    open_page: OpenPage, server: Server, upload: Upload, complaints: list[str]
) -> None:
    upload(landscape("#9cc5d9", "#f4d58d"), filename="main-stage.jpg", alt="The main stage")
    page = open_page(f"{server.url}/admin/uploads/")
    sign_in(page, "wrong")
    expect(page.get_by_role("alert")).to_have_text("Email or password is wrong.")
    assert "401" in complaints.pop()
    sign_in(page, server.password)
    # Where one wanted to go.
    thumbnail = page.get_by_role("img", name="The main stage")
    expect(thumbnail).to_be_visible()
    thumbnail.evaluate("image => image.decode()")
    assert "/media/variants/" in thumbnail.evaluate("image => image.currentSrc")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{server.url}/admin/uploads/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_session_from_before_a_change_of_password_is_over(
    open_page: OpenPage, server: Server
) -> None:
    facts = {"name": "Grace", "email": "grace@example.org", "role": "admin", "password": OTHER}
    grace = made(server, "/v1/users", "users", **facts)
    page = open_page(f"{server.url}/admin/")
    sign_in(page, OTHER, "grace@example.org")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    patch(server, f"/v1/users/{grace}", "users", password=f"{OTHER}!")
    page.get_by_role("link", name="Users").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_page_of_another_site_writes_nothing(
    visit: OpenPage, written: Written, server: Server, upload: Upload, complaints: list[str]
) -> None:
    upload(picture())
    (uploaded,) = listed(server)
    folder, origin = written
    (folder / "trap.html").write_text(
        '<link rel="icon" href="data:,">'
        f'<form method="post" action="{server.url}/admin/uploads/delete">'
        f'<input name="id" value="{uploaded["id"]}"><input name="confirmed" value="1">'
        "<button>Win a prize</button></form>"
    )
    page = visit("/admin/")
    page.goto(f"{origin}/trap.html")
    with page.expect_navigation() as navigation:
        page.get_by_role("button").click()
    assert navigation.value.status == 403
    assert "403" in complaints.pop()
    assert len(listed(server)) == 1


# --- Uploads ----------------------------------------------------------------------------------


def test_uploads_are_found(visit: OpenPage, upload: Upload) -> None:
    upload(picture(), filename="stage.png", alt="The main stage")
    upload(picture("GIF"), filename="wave.gif", alt="Somebody waves")
    upload(picture(), filename="plan.png", visibility="private")
    page = visit("/admin/uploads/")
    assert tiles(page) == ["plan.png", "wave.gif", "stage.png"]
    page.get_by_label("Words").fill("stage")
    page.keyboard.press("Enter")
    expect(page.locator(".tile")).to_have_count(1)
    assert tiles(page) == ["stage.png"]
    page.get_by_role("link", name="Show all").click()
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Type").select_option("image/gif")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".tile")).to_have_count(1)
    assert tiles(page) == ["wave.gif"]
    page.goto(page.url.partition("?")[0] + "?visibility=private&alt=missing&view=list")
    expect(page.get_by_role("row")).to_have_count(2)
    # A private picture is shown, though its address opens for nobody.
    image = page.locator("td img")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_the_alt_text_is_edited(visit: OpenPage, server: Server, upload: Upload) -> None:
    upload(picture(), filename="stage.png")
    page = visit("/admin/uploads/")
    follow(page, "stage.png")
    expect(page.get_by_text("No alt text")).to_be_visible()
    page.get_by_label("Alt text").fill("The main stage at night")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_have_text("Saved.")
    (changed,) = listed(server)
    assert changed["attributes"]["alt"] == "The main stage at night"


def test_many_are_deleted_after_being_asked_how_many(
    visit: OpenPage, server: Server, upload: Upload
) -> None:
    for n in range(4):
        upload(picture(), filename=f"{n}.png")
    page = visit("/admin/uploads/?order=oldest")
    button = page.get_by_role("button", name="Delete")
    expect(button).to_be_disabled()
    page.get_by_label("All on this page").check()
    expect(button).to_have_text("Delete 4")
    page.get_by_label("Choose 0.png").uncheck()
    expect(button).to_have_text("Delete 3")
    button.click()
    expect(page.get_by_role("heading", name="Delete 3 uploads?")).to_be_visible()
    assert len(listed(server)) == 4
    page.get_by_role("button", name="Delete 3 uploads").click()
    expect(page.get_by_role("status").first).to_have_text("Deleted 3 uploads.")
    assert page.url.endswith("?order=oldest")
    assert tiles(page) == ["0.png"]


def drop(page: Page, *files: tuple[str, str, bytes], at: str = "[data-drop]") -> None:
    """Let go of files over the place for them, or elsewhere."""
    given = [{"name": name, "type": type_, "bytes": list(each)} for name, type_, each in files]
    transfer = page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const { name, type, bytes } of files)
                transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
            return transfer;
        }""",
        given,
    )
    place = page.locator(at)
    for event in ("dragenter", "dragover", "drop"):
        place.dispatch_event(event, {"dataTransfer": transfer})


def test_files_are_dropped_and_one_sees_how_far_they_are(visit: OpenPage, server: Server) -> None:
    page = visit("/admin/uploads/")
    held = HeldRequests(page, "**/admin/files/resumable/")
    names = ["Bühne '1' (*).png", "two.gif"]
    drop(page, (names[0], "image/png", picture()), (names[1], "image/gif", picture("GIF")))
    held.wait_for(2)
    for name in names:
        expect(page.get_by_role("progressbar", name=name)).to_have_js_property("value", 0)
    held.let_go()
    expect(page.locator(".tile")).to_have_count(2)
    assert sorted(tiles(page)) == sorted(names)
    assert {each["attributes"]["filename"] for each in listed(server)} == set(names)


def test_new_files_may_miss_the_place_and_one_that_replaces_another_may_not(
    visit: OpenPage, server: Server, upload: Upload
) -> None:
    upload(picture(), filename="one.png")
    page = visit("/admin/uploads/")
    drop(page, ("two.gif", "image/gif", picture("GIF")), at="h1")
    expect(page.locator(".tile")).to_have_count(2)
    follow(page, "one.png")
    drop(page, ("three.gif", "image/gif", picture("GIF")), at="h1")
    expect(page.locator(".sending li")).to_have_count(0)
    drop(page, ("three.gif", "image/gif", picture("GIF")))
    expect(page.get_by_text("image/gif")).to_be_visible()
    assert len(listed(server)) == 2


def test_what_is_refused_says_why_and_the_others_arrive(
    visit: OpenPage, server: Server, complaints: list[str]
) -> None:
    page = visit("/admin/uploads/")
    drop(page, ("x.png", "image/png", b"<!doctype html>"), ("y.png", "image/png", picture()))
    expect(page.locator(".sending .problem:visible")).to_have_count(1)
    page.get_by_role("link", name="Show what was uploaded").click()
    expect(page.locator(".tile")).to_have_count(1)
    assert [each["attributes"]["filename"] for each in listed(server)] == ["y.png"]
    assert "422" in complaints.pop()


def test_a_file_is_replaced(visit: OpenPage, server: Server, upload: Upload) -> None:
    upload(picture(), filename="stage.png")
    page = visit("/admin/uploads/")
    follow(page, "stage.png")
    page.locator("#file").set_input_files(
        {"name": "new.gif", "mimeType": "image/gif", "buffer": picture("GIF")}
    )
    expect(page.get_by_text("image/gif")).to_be_visible()
    (changed,) = listed(server)
    assert changed["attributes"]["filename"] == "stage.png"


def test_an_address_is_copied(visit: OpenPage, upload: Upload) -> None:
    url = upload(picture(), filename="stage.png")["url"]
    page = visit("/admin/uploads/", permissions=["clipboard-read", "clipboard-write"])
    follow(page, "stage.png")
    page.get_by_role("button", name="Copy URL of Original").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == url


def test_the_preview_of_a_preset_follows_what_one_types(visit: OpenPage, upload: Upload) -> None:
    upload(landscape("#9cc5d9", "#f4d58d"))
    page = visit("/admin/presets/new")
    said = page.get_by_role("status")
    expect(said).to_contain_text("400 × 300 pixels")  # noqa: RUF001 - as it is written
    page.get_by_label("Width").fill("120")
    expect(said).to_contain_text("120 × 300 pixels")  # noqa: RUF001 - as it is written
    page.get_by_label("Fit").select_option("inside")
    expect(said).to_contain_text("120 × 80 pixels")  # noqa: RUF001 - as it is written


# --- What nothing may do ----------------------------------------------------------------------


def test_nothing_that_people_write_runs(visit: OpenPage, server: Server, upload: Upload) -> None:
    hostile = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
    upload(picture(), filename="<img src=x onerror=document.title='run'>.png", alt=hostile)
    (uploaded,) = listed(server)
    admin = uploaded["relationships"]["owner"]["data"]["id"]
    token = made(server, "/v1/tokens", "tokens", name=hostile)
    patch(server, f"/v1/users/{admin}", "users", name=hostile)
    try:
        page = visit("/admin/")
        for path in (
            "/admin/",
            "/admin/uploads/",
            "/admin/uploads/?view=list",
            f"/admin/uploads/{uploaded['id']}",
            "/admin/users/",
            f"/admin/users/{admin}",
            "/admin/tokens/",
            "/admin/presets/new",
        ):
            page.goto(f"{server.url}{path}", wait_until="networkidle")
            assert "run" not in page.title().split(" · "), path
            assert page.locator("img[src=x]").count() == 0, path
            assert "&lt;" in page.locator("main").inner_html(), path
        page.goto(f"{server.url}/admin/uploads/")
        page.get_by_role("checkbox", name="Choose").first.check()
        page.get_by_role("button", name="Delete 1").click()
        expect(page.get_by_role("heading", name="Delete 1 upload?")).to_be_visible()
        assert page.locator("img[src=x]").count() == 0
    finally:
        patch(server, f"/v1/users/{admin}", "users", name="Admin")
        assert server.request("DELETE", f"/v1/tokens/{token}")[0] == 204


# --- On any screen ----------------------------------------------------------------------------

PAGES = ("/admin/", "/admin/uploads/", "/admin/uploads/?view=list", "/admin/users/new")


def test_on_a_phone_nothing_is_cut_off(visit: OpenPage, upload: Upload) -> None:
    upload(picture(), filename="a-name-without-any-place-to-break-it-" * 3 + ".png")
    page = visit("/admin/", viewport={"width": 360, "height": 740})
    for path in (*PAGES, "/admin/tokens/", "/admin/presets/new"):
        page.goto(re.sub("/admin/.*", path, page.url))
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_one_gets_everywhere_by_keyboard(visit: OpenPage, upload: Upload) -> None:
    upload(picture(), filename="stage.png")
    page = visit("/admin/uploads/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    for target in (page.locator("#files"), page.get_by_label("Words")):
        for _ in range(5):
            page.keyboard.press("Tab")
            if target.evaluate("each => each === document.activeElement"):
                break
        expect(target).to_be_focused()
    page.get_by_label("Choose stage.png").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Delete 1")).to_be_enabled()


def test_pictures_of_the_pages_for_the_documentation(
    visit: OpenPage, upload: Upload, tmp_path: Path
) -> None:
    skies = ("#9cc5d9", "#f2c6a0", "#b8a9c9", "#8fbf9f", "#e9d8a6", "#d9a5a5", "#a3b18a", "#bcd4e6")
    names = ("main-stage", "keynote", "workshop", "badge", "crowd", "sponsors", "garden", "finale")
    for n, (sky, name) in enumerate(zip(skies, names, strict=True)):
        size = ((1600, 1067), (900, 1200), (1500, 700))[n % 3]
        alt = f"Hills under a sun, {name}" if n % 4 else ""
        content = landscape(sky, ("#f4d58d", "#e76f51", "#ffffff")[n % 3], size)
        visibility = "private" if n == 5 else "public"
        upload(content, filename=f"{name}.jpg", alt=alt, visibility=visibility)
    page = visit("/admin/uploads/", viewport={"width": 1000, "height": 900})
    folder = picture_folder(tmp_path)
    for name, path in (("grid", "/admin/uploads/"), ("dashboard", "/admin/")):
        page.goto(re.sub("/admin/.*", path, page.url), wait_until="networkidle")
        keep(page, folder / f"{name}.png")
    page.goto(re.sub("/admin/.*", "/admin/uploads/", page.url))
    follow(page, "keynote.jpg")
    page.wait_for_load_state("networkidle")
    keep(page, folder / "details.png")


def keep(page: Page, path: Path) -> None:
    """A small picture of what is on the screen."""
    for image in page.get_by_role("img").all():
        if image.evaluate("each => each instanceof HTMLImageElement"):
            image.evaluate("image => image.decode()")
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        few = shot.convert("RGB").quantize(128)
        assert len(few.getcolors() or ()) > 16
        few.save(path, optimize=True)
