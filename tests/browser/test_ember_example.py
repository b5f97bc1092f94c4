"""`examples/ember`: a gallery in Ember, with Ember Data, that people use with all they have."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import Any, Literal

import pytest
from playwright.sync_api import (
    APIResponse,
    Browser,
    FileChooser,
    Locator,
    Page,
    Request,
    Route,
    expect,
)

from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import EMAIL, OpenPage, Serve, Upload, listed, sign_in
from tests.browser.ember_example import EMBER, TOKEN_KEY, copy_example, point_at
from tests.browser.held import HeldRequests
from tests.browser.network import Network
from tests.browser.pictures import picture_folder
from tests.cable import Cable
from tests.commands import run_command
from tests.documents import COLLECTION
from tests.images import landscape, noise, picture
from tests.server import Server

pytestmark = [pytest.mark.server, pytest.mark.slow]

# Beyond what the application sends in a document.
LARGE = noise((3000, 2000))
PAGE = b"<!doctype html><title>Not a picture</title>"
REFUSED = "the server responded with a status of 422"

# How wide what is at an address is, in pixels.
WIDTH_OF = """async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    return image.naturalWidth;
}"""


@pytest.fixture(scope="module")
def cable() -> Iterator[Cable]:
    with Cable() as cable:
        yield cable


@pytest.fixture(scope="module")
def address(
    browser: Browser, serve: Serve, cable: Cable, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The address of the built application, for which the server is at the end of the cable."""
    assert browser.is_connected()
    page = copy_example(tmp_path_factory.mktemp("ember"))
    point_at(page, cable.url)
    return serve(page.parent)


@pytest.fixture(scope="module")
def running(
    address: str, cable: Cable, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"), cors_origins=address, public_url=cable.url)
    cable.port = server.port
    yield server
    server.stop()


@pytest.fixture
def open_gallery(open_page: OpenPage, address: str, server: Server) -> OpenPage:
    """Opens the application as an admin who has signed in."""
    stored = f"sessionStorage.setItem({json.dumps(TOKEN_KEY)}, {json.dumps(server.token)})"
    # A blank page has no storage.
    script = f"if (location.protocol === 'http:') {stored}"

    def open_gallery(prepare: Callable[[Page], object] = lambda _: None, **options: Any) -> Page:  # noqa: ANN401 - Playwright's
        def sign_in_first(page: Page) -> None:
            page.add_init_script(script)
            prepare(page)

        page = open_page(address, sign_in_first, **options)
        expect(page.get_by_role("button", name="Upload", exact=True)).to_be_visible()
        return page

    return open_gallery


def cards(page: Page) -> Locator:
    return page.get_by_role("region", name="Pictures").get_by_role("listitem")


def card(page: Page, filename: str) -> Locator:
    return cards(page).filter(has_text=filename)


def loaded(image: Locator) -> Locator:
    """Return a picture, once the browser has all of it."""
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", value=True)
    image.evaluate("image => image.decode()")
    return image


def send(page: Page, filename: str, content: bytes, alt: str = "") -> None:
    """Choose a file, describe it, and press Upload."""
    file = {"name": filename, "mimeType": "image/jpeg", "buffer": content}
    send_file(page, file, alt)


def send_file(page: Page, file: Any, alt: str = "") -> None:  # noqa: ANN401 - Playwright's
    page.get_by_label("Picture", exact=True).set_input_files(file)
    form(page).get_by_label("Alt text").fill(alt)
    page.get_by_role("button", name="Upload", exact=True).click()


def form(page: Page) -> Locator:
    return page.locator("form", has=page.get_by_role("button", name="Upload", exact=True))


def sent_attributes(request: Request) -> dict[str, Any]:
    """Return the attributes in the document of a request."""
    attributes: dict[str, Any] = json.loads(request.post_data or "")["data"]["attributes"]
    return attributes


def say(page: Page, words: str) -> None:
    """Wait until the page tells people, those with a screen reader too, what happened."""
    expect(page.get_by_role("status")).to_have_text(words)


# --- The gallery --------------------------------------------------------------------------------


def test_more_pictures_come_by_cursors_and_the_focus_goes_to_them(
    open_gallery: OpenPage, upload: Upload
) -> None:
    for n in range(45):
        upload(picture(), filename=f"{n}.png", alt=f"Number {n}")
    lists: list[str] = []
    page = open_gallery(
        lambda page: page.on(
            "request", lambda sent: lists.append(sent.url) if "page%5B" in sent.url else None
        )
    )
    more = page.get_by_role("button", name="Show more")
    for shown in (20, 40):
        expect(cards(page)).to_have_count(shown)
        more.click()
        expect(cards(page).nth(shown).get_by_role("link")).to_be_focused()
    expect(cards(page)).to_have_count(45)
    expect(more).to_be_hidden()
    say(page, "5 more pictures.")
    alts = [image.get_attribute("alt") for image in cards(page).get_by_role("img").all()]
    assert alts == [f"Number {n}" for n in reversed(range(45))]
    assert ["page%5Bafter%5D" in each for each in lists] == [False, True, True]


def test_an_empty_gallery_says_so(open_gallery: OpenPage) -> None:
    page = open_gallery()
    expect(page.get_by_text("There are no pictures yet.")).to_be_visible()
    assert_accessible(page)


def test_a_preview_is_there_before_the_picture_and_gone_after(
    open_gallery: OpenPage, upload: Upload
) -> None:
    upload(landscape("#9cc5d9", "#f4d58d"), alt="Hills")
    held = []
    page = open_gallery(lambda page: held.append(HeldRequests(page, "**/media/**")))
    image = page.get_by_role("img", name="Hills")
    frame = page.get_by_role("link").filter(has=image)
    expect(frame).to_have_css("background-image", re.compile(r'^url\("data:image/png'))
    assert image.evaluate("image => !image.complete")
    held[0].let_go()
    expect(loaded(image)).to_be_visible()
    expect(frame).to_have_css("background-image", "none")


@pytest.mark.parametrize("visibility", ["public", "private"])
def test_every_offered_size_loads_and_the_browser_takes_the_one_that_fits(
    open_gallery: OpenPage, upload: Upload, visibility: str
) -> None:
    upload(landscape("#9cc5d9", "#f4d58d"), alt="Hills", visibility=visibility)
    page = open_gallery(viewport={"width": 390, "height": 844})
    image = loaded(page.get_by_role("img", name="Hills"))
    srcset = image.get_attribute("srcset") or ""
    offered = {width: url for url, width in map(str.split, srcset.split(", "))}
    assert len(offered) > 1
    for size, url in offered.items():
        assert f"{page.evaluate(WIDTH_OF, url)}w" == size
    # The smallest that is as wide as the screen of this phone.
    fits = min(width for each in offered if (width := int(each[:-1])) >= 390)
    assert image.evaluate("image => image.currentSrc") == offered[f"{fits}w"]


# --- Uploads ------------------------------------------------------------------------------------


def test_a_small_picture_goes_as_a_record_and_says_that_it_is_on_its_way(
    open_gallery: OpenPage, server: Server
) -> None:
    page = open_gallery()
    held = HeldRequests(page, f"**{COLLECTION}")
    send(page, "hills.jpg", landscape("#9cc5d9", "#f4d58d"), "Hills")
    # A document has no length that a page is told of.
    progress = page.get_by_role("progressbar", name="Sending …")
    expect(progress).to_be_visible()
    assert progress.get_attribute("value") is None
    assert_accessible(page)
    expect(page.get_by_role("button", name="Upload", exact=True)).to_be_disabled()
    (create,) = held.wait_for(1)
    assert sent_attributes(create.request)["data"].startswith("data:image/jpeg;base64,")
    held.let_go()
    say(page, "hills.jpg is uploaded.")
    expect(progress).to_be_hidden()
    image = loaded(cards(page).first.get_by_role("img", name="Hills"))
    assert "/media/variants/" in image.evaluate("image => image.currentSrc")
    assert listed(server)[0]["attributes"]["filename"] == "hills.jpg"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "noise.jpg"
    path.write_bytes(LARGE)
    return path


@pytest.fixture
def network(cable: Cable, open_gallery: OpenPage) -> Iterator[tuple[Page, Network]]:
    page = open_gallery()
    network = Network(cable, page, len(LARGE))
    yield page, network
    network.plug()


def resumed_at(page: Page, act: Callable[[], object]) -> int:
    """Return how much the server had already when it was asked."""
    with page.expect_response(lambda answer: answer.request.method == "HEAD") as asked:
        act()
    return int(asked.value.headers["upload-offset"])


def test_a_large_picture_goes_on_where_the_network_broke(
    network: tuple[Page, Network], large: Path, server: Server, complaints: list[str]
) -> None:
    page, cord = network
    cord.slow_down()
    send_file(page, large, "Noise")
    # What the kernel takes counts as sent.
    expect(page.get_by_role("progressbar", name=re.compile(r"\d+ % sent"))).to_be_visible()
    cord.wait_for_a_third()
    # Chromium itself repeats a request whose connection broke, if it can connect again at once.
    with page.expect_event("requestfailed", lambda request: request.method == "PATCH"):
        cord.pull()
    assert listed(server) == []
    assert 0 < resumed_at(page, cord.plug) < len(LARGE)
    say(page, "noise.jpg is uploaded.")
    assert_uploaded(page, server, "Noise")
    assert complaints
    assert all("net::ERR_" in each for each in complaints)
    complaints.clear()


def test_a_large_picture_goes_on_in_another_visit_with_the_words_of_that(
    network: tuple[Page, Network], large: Path, server: Server
) -> None:
    page, cord = network
    cord.slow_down()
    send_file(page, large, "Noise")
    cord.wait_for_a_third()
    address = page.url
    page.goto("about:blank")
    # Loses what is still on its way between here and the server.
    cord.pull()
    cord.plug()
    page.goto(address)
    assert 0 < resumed_at(page, lambda: send_file(page, large, "More noise")) < len(LARGE)
    say(page, "noise.jpg is uploaded.")
    assert_uploaded(page, server, "More noise")


def assert_uploaded(page: Page, server: Server, alt: str) -> None:
    loaded(cards(page).first.get_by_role("img", name=alt))
    (created,) = listed(server)
    assert created["attributes"]["alt"] == alt
    assert server.get(created["attributes"]["url"]) == (200, LARGE)


def test_a_large_picture_can_be_stopped(
    network: tuple[Page, Network], large: Path, server: Server
) -> None:
    page, cord = network
    cord.slow_down()
    send_file(page, large)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("alert").filter(has_text="Stopped.")).to_be_visible()
    assert listed(server) == []
    cord.plug()
    page.get_by_role("button", name="Upload", exact=True).click()
    say(page, "noise.jpg is uploaded.")


@pytest.mark.parametrize("content", [PAGE, PAGE + b" " * len(LARGE)], ids=["small", "large"])
def test_a_refused_file_is_an_error_at_the_field_of_the_file(
    open_gallery: OpenPage, server: Server, complaints: list[str], content: bytes
) -> None:
    page = open_gallery()
    send(page, "page.jpg", content, "No picture")
    expect(page.get_by_label("Picture", exact=True)).to_have_accessible_description(
        re.compile("not an image")
    )
    assert_accessible(page)
    # What was written is still there, for another file.
    expect(form(page).get_by_label("Alt text")).to_have_value("No picture")
    send(page, "hills.jpg", picture("JPEG"), "A picture")
    say(page, "hills.jpg is uploaded.")
    expect(page.get_by_label("Picture", exact=True)).to_have_accessible_description("")
    assert len(listed(server)) == 1
    assert REFUSED in complaints.pop()


# --- Words --------------------------------------------------------------------------------------


def test_a_changed_alt_text_is_saved_and_nothing_else_changes(
    open_gallery: OpenPage, server: Server
) -> None:
    page = open_gallery()
    send(page, "sun.png", picture(), "A moon")
    say(page, "sun.png is uploaded.")
    before = listed(server)[0]["attributes"]
    sun = card(page, "sun.png")
    sun.get_by_label("Alt text", exact=True).fill("A sun")
    with page.expect_request(lambda sent: sent.method == "PATCH") as sent:
        sun.get_by_role("button", name="Save").click()
    say(page, "The alt text of sun.png is saved.")
    expect(sun.get_by_role("img", name="A sun")).to_be_visible()
    # Ember Data sends every attribute of its model, and null for what has no value.
    assert sent_attributes(sent.value)["data"] is None
    after = listed(server)[0]["attributes"]
    assert after == before | {"alt": "A sun", "updated-at": after["updated-at"]}


def test_an_alt_text_can_be_cleared(open_gallery: OpenPage, upload: Upload, server: Server) -> None:
    upload(picture(), filename="sun.png", alt="A sun")
    page = open_gallery()
    card(page, "sun.png").get_by_label("Alt text", exact=True).fill("")
    card(page, "sun.png").get_by_role("button", name="Save").click()
    say(page, "The alt text of sun.png is saved.")
    assert listed(server)[0]["attributes"]["alt"] == ""


def test_a_refused_alt_text_is_an_error_at_its_field(
    open_gallery: OpenPage, upload: Upload, complaints: list[str]
) -> None:
    upload(picture(), filename="sun.png")
    page = open_gallery()
    alt = card(page, "sun.png").get_by_label("Alt text", exact=True)
    alt.fill("x" * 2001)
    card(page, "sun.png").get_by_role("button", name="Save").click()
    expect(alt).to_have_attribute("aria-invalid", "true")
    expect(alt).to_have_accessible_description("The text has 2001 characters; 2000 are allowed.")
    assert_accessible(page)
    alt.fill("A sun")
    card(page, "sun.png").get_by_role("button", name="Save").click()
    say(page, "The alt text of sun.png is saved.")
    expect(alt).not_to_have_attribute("aria-invalid", "true")
    assert REFUSED in complaints.pop()


# --- Who sees what ------------------------------------------------------------------------------


def test_a_private_picture_is_shown_to_who_has_signed_in(
    open_page: OpenPage, address: str, upload: Upload, server: Server, complaints: list[str]
) -> None:
    private = upload(landscape("#9cc5d9", "#f4d58d"), alt="Secret", visibility="private")
    page = open_page(address)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("img")).to_have_count(0)
    assert_accessible(page)
    sign_in(page, "wrong")
    expect(page.get_by_role("alert")).to_have_text("Email or password is wrong.")
    assert "401" in complaints.pop()
    sign_in(page, server.password)
    loaded(page.get_by_role("img", name="Secret"))
    assert page.request.get(private["url"]).status == 404
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("img")).to_have_count(0)


def test_an_upload_can_be_private(open_gallery: OpenPage, server: Server) -> None:
    page = open_gallery()
    page.get_by_label("Private").check()
    send(page, "plan.jpg", landscape("#9cc5d9", "#f4d58d"), "A plan")
    say(page, "plan.jpg is uploaded.")
    expect(card(page, "plan.jpg")).to_contain_text("private")
    loaded(page.get_by_role("img", name="A plan"))
    assert listed(server)[0]["attributes"]["visibility"] == "private"


def test_a_session_that_is_over_leads_to_the_form(
    open_page: OpenPage, address: str, complaints: list[str]
) -> None:
    script = f"sessionStorage.setItem({json.dumps(TOKEN_KEY)}, 'oeu_expired')"
    page = open_page(address, lambda page: page.add_init_script(script))
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert "401" in complaints.pop()


def test_a_page_of_an_origin_that_may_not_read_says_which_setting_is_missing(
    open_page: OpenPage, address: str, server: Server, complaints: list[str]
) -> None:
    page = open_page(address.replace("127.0.0.1", "localhost"))
    sign_in(page, server.password)
    expect(page.get_by_role("alert")).to_contain_text("UPLOADS_CORS_ORIGINS")
    assert any("blocked by CORS policy" in each for each in complaints)
    complaints.clear()


# --- Delete -------------------------------------------------------------------------------------


def test_a_picture_is_deleted_once_that_is_confirmed(
    open_gallery: OpenPage, upload: Upload, server: Server
) -> None:
    upload(picture(), filename="sun.png", alt="A sun")
    page = open_gallery()
    delete = page.get_by_role("button", name="Delete sun.png")
    delete.click()
    dialog = page.get_by_role("dialog", name="Delete sun.png for good?")
    assert_accessible(page)
    dialog.get_by_role("button", name="Keep").click()
    expect(dialog).to_be_hidden()
    expect(delete).to_be_focused()
    assert len(listed(server)) == 1
    delete.click()
    dialog.get_by_role("button", name="Delete").click()
    say(page, "sun.png is deleted.")
    expect(page.get_by_role("heading", name="Gallery")).to_be_focused()
    expect(page.get_by_text("There are no pictures yet.")).to_be_visible()
    assert listed(server) == []


def test_a_picture_that_is_deleted_while_it_is_saved_is_said_to_be_deleted(
    open_gallery: OpenPage, upload: Upload
) -> None:
    upload(picture(), filename="sun.png")
    answers: list[tuple[Route, APIResponse]] = []

    def keep_the_answer(route: Route) -> None:
        if route.request.method == "PATCH":
            answers.append((route, route.fetch()))
        else:
            route.fallback()

    page = open_gallery()
    page.route(f"**{COLLECTION}/*", keep_the_answer)
    card(page, "sun.png").get_by_label("Alt text", exact=True).fill("A sun")
    page.get_by_role("button", name="Save the alt text of sun.png").click()
    page.get_by_role("button", name="Delete sun.png").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    say(page, "sun.png is deleted.")
    ((route, answer),) = answers
    route.fulfill(response=answer)
    page.wait_for_load_state("networkidle")
    say(page, "sun.png is deleted.")


def test_a_picture_that_cannot_be_deleted_stays(
    open_gallery: OpenPage, upload: Upload, complaints: list[str]
) -> None:
    upload(picture(), filename="sun.png", alt="A sun")
    page = open_gallery()
    page.route(f"**{COLLECTION}/*", lambda route: route.abort())
    page.get_by_role("button", name="Delete sun.png").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("did not answer")
    page.keyboard.press("Escape")
    expect(page.get_by_role("img", name="A sun")).to_be_visible()
    assert "net::ERR_FAILED" in complaints.pop()


# --- For everybody ------------------------------------------------------------------------------


def test_the_keyboard_alone_uploads_describes_and_deletes(
    open_page: OpenPage, address: str, server: Server
) -> None:
    def choose(chooser: FileChooser) -> None:
        chooser.set_files({"name": "sun.png", "mimeType": "image/png", "buffer": picture()})

    page = open_page(address, lambda page: page.on("filechooser", choose))
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    press(page, "Tab", EMAIL, "Tab", server.password, "Enter")
    expect(page.get_by_text("There are no pictures yet.")).to_be_visible()
    tab_to(page, page.get_by_label("Picture", exact=True))
    press(page, "Space")
    expect(page.get_by_label("Picture", exact=True)).to_have_value(re.compile("sun.png$"))
    press(page, "Tab", "A moon", "Enter")
    say(page, "sun.png is uploaded.")
    tab_to(page, card(page, "sun.png").get_by_label("Alt text", exact=True))
    press(page, "Control+A", "A sun", "Tab", "Enter")
    expect(page.get_by_role("img", name="A sun")).to_be_visible()
    say(page, "The alt text of sun.png is saved.")
    press(page, "Tab", "Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Tab", "Enter")
    say(page, "sun.png is deleted.")


def press(page: Page, *keys: str) -> None:
    """Press keys by their names, and type everything else."""
    for key in keys:
        if key in {"Tab", "Enter", "Space", "Control+A"}:
            page.keyboard.press(key)
        else:
            page.keyboard.type(key)


def tab_to(page: Page, element: Locator) -> None:
    for _ in range(20):
        if element.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail("The Tab key does not lead there.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_full_gallery_is_accessible_and_fits_a_phone(
    open_gallery: OpenPage, upload: Upload, scheme: Literal["light", "dark"]
) -> None:
    upload(landscape("#9cc5d9", "#f4d58d"), alt="A" * 200, filename=f"{'b' * 100}.jpg")
    upload(picture(size=(1600, 40)), alt="Wide", visibility="private")
    page = open_gallery(viewport={"width": 320, "height": 640}, color_scheme=scheme)
    expect(page.get_by_role("img")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert_accessible(page)


def test_the_words_of_strangers_are_text(open_gallery: OpenPage, upload: Upload) -> None:
    alt = "<script>document.title = 'ran'</script>"
    upload(picture(), alt=alt, filename="<img src=x onerror=\"document.title = 'ran'\">.png")
    page = open_gallery()
    expect(page.get_by_role("img")).to_have_attribute("alt", alt)
    assert page.title() == "Gallery"


# --- The project --------------------------------------------------------------------------------


def test_the_linters_of_the_blueprint_pass(address: str) -> None:
    assert address, "its packages are installed"
    npm = which("npm")
    assert npm
    run_command(npm, "run", "lint", cwd=EMBER)


def test_pictures_of_the_application_are_made(
    open_gallery: OpenPage, upload: Upload, tmp_path: Path
) -> None:
    folder = picture_folder(tmp_path)
    skies = (("#9cc5d9", "#f4d58d"), ("#f2b880", "#e4572e"), ("#2f3e6b", "#f5f0d8"))
    for n, (sky, sun) in enumerate(skies):
        visibility = "private" if n == 1 else "public"
        upload(
            landscape(sky, sun),
            filename=f"day-{n + 1}.jpg",
            alt=f"Hills, day {n + 1}",
            visibility=visibility,
        )
    for name, width, scheme in (("desktop", 1280, "light"), ("phone", 390, "dark")):
        page = open_gallery(viewport={"width": width, "height": 844}, color_scheme=scheme)
        for image in page.get_by_role("img").all():
            loaded(image)
        page.evaluate("scrollTo(0, 0)")
        path = folder / f"{name}.png"
        page.screenshot(path=path)
        assert 10_000 < path.stat().st_size < 150_000
