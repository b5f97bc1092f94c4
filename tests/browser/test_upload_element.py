"""`<oeu-upload>` in a page that allows it nothing but its script, its server and its previews."""

import json
import re
import shutil
import signal
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FileChooser, FilePayload, Locator, Page, Response, Route, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import OpenPage, Written, listed
from tests.browser.held import HeldRequests
from tests.browser.pictures import take_picture
from tests.images import landscape, picture
from tests.js_client import JS_CLIENT, build_js_client
from tests.server import Server

pytestmark = pytest.mark.server

PNG = picture(size=(640, 480))
NO_PICTURE = b"<!doctype html><title>Not a picture</title>"
REFUSED = "the server responded with a status of"

# With trusted types, nobody makes elements of strings.
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src {server}; img-src blob: data:;"
    " require-trusted-types-for 'script'; base-uri 'none'"
)
PAGE = """<!doctype html>
<html lang="{lang}" dir="{direction}">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta http-equiv="Content-Security-Policy" content="{policy}">
  <title>Speakers</title>
  <link rel="icon" href="data:,">
  <script type="module" src="oeu-upload.js"></script>
  <main>
    <h1>Send your pictures</h1>
    <form>
      <oeu-upload server="{server}" {attributes}></oeu-upload>
      <p><button>Send the form</button></p>
    </form>
  </main>
</html>
"""

OpenElement = Callable[..., Page]


@pytest.fixture(scope="module")
def script(written: Written) -> None:
    """The element in one file, where the page is."""
    build_js_client()
    shutil.copy(JS_CLIENT / "dist/oeu-upload.js", written[0])


@pytest.fixture
def open_element(
    open_page: OpenPage, written: Written, script: None, server: Server
) -> OpenElement:
    """Opens a page with an element, which has the attributes and the admin's token."""
    assert script is None
    folder, origin = written

    def open_element(
        attributes: str = 'name="pictures" multiple',
        *,
        lang: str = "en",
        direction: str = "ltr",
        token: str | None = None,
        **options: Any,  # noqa: ANN401 - Playwright's
    ) -> Page:
        text = PAGE.format(
            lang=lang,
            direction=direction,
            policy=POLICY.format(server=server.url),
            server=server.url,
            attributes=attributes,
        )
        (folder / "element.html").write_text(text)
        page = open_page(f"{origin}/element.html", **options)
        # Set before or after the script has run: both must do.
        page.evaluate(
            "token => { document.querySelector('oeu-upload').token = token }", token or server.token
        )
        return page

    return open_element


def file(name: str, content: bytes = PNG, media_type: str = "image/png") -> FilePayload:
    return {"name": name, "mimeType": media_type, "buffer": content}


def choose(page: Page, *files: FilePayload) -> None:
    page.locator("oeu-upload input[type=file]").first.set_input_files(list(files))


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem", name=name)


def bring(page: Page, kind: str, *names: str) -> None:
    """Drop files on the element, or paste them into it, as the browser tells a page of it."""
    page.evaluate(
        """([kind, names, content]) => {
          const bytes = Uint8Array.from(atob(content), (byte) => byte.charCodeAt(0));
          const data = new DataTransfer();
          for (const name of names) {
            const found = name.endsWith('.png')
              ? new File([bytes], name, { type: 'image/png' })
              : new File(['Text'], name, { type: 'text/plain' });
            data.items.add(found);
          }
          const options = { bubbles: true, composed: true, cancelable: true };
          const event = kind === 'paste'
            ? new ClipboardEvent('paste', { ...options, clipboardData: data })
            : new DragEvent(kind, { ...options, dataTransfer: data });
          document.querySelector('oeu-upload').shadowRoot.querySelector('button').dispatchEvent(event);
        }""",
        [kind, names, b64encode(PNG).decode()],
    )


def entries(page: Page) -> list[str]:
    """Return what a form would send of the element."""
    found: list[str] = page.evaluate("[...new FormData(document.querySelector('form')).values()]")
    return found


def deletes(address: str) -> Callable[[Response], bool]:
    """Return a test for the answer to a DELETE of an address that begins like this."""
    return lambda found: found.request.method == "DELETE" and found.url.startswith(address)


def drop_refusals(complaints: list[str]) -> None:
    """Take out what the browser itself says of a refusal."""
    assert complaints
    assert all(REFUSED in each for each in complaints)
    complaints.clear()


# --- How files come --------------------------------------------------------------------------


def test_a_chosen_file_is_uploaded_and_the_form_has_its_id(
    open_element: OpenElement, server: Server
) -> None:
    page = open_element()
    choose(page, file("sun.png"))
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    (made,) = listed(server)
    assert made["attributes"]["filename"] == "sun.png"
    assert entries(page) == [made["id"]]
    expect(page.get_by_role("status")).to_have_text("1 of 1 files are uploaded.")


def test_dropped_files_are_uploaded(open_element: OpenElement, server: Server) -> None:
    page = open_element()
    bring(page, "dragover", "sun.png")
    expect(page.locator("oeu-upload .drop")).to_have_class(re.compile("over"))
    bring(page, "drop", "sun.png", "sea.png")
    expect(page.locator("oeu-upload .drop")).not_to_have_class(re.compile("over"))
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    expect(row(page, "sea.png")).to_contain_text("Uploaded")
    assert {each["attributes"]["filename"] for each in listed(server)} == {"sun.png", "sea.png"}


def test_a_pasted_file_is_uploaded(open_element: OpenElement) -> None:
    page = open_element()
    bring(page, "paste", "image.png")
    expect(row(page, "image.png")).to_contain_text("Uploaded")


def test_a_dropped_file_of_another_kind_is_refused_here(
    open_element: OpenElement, server: Server
) -> None:
    page = open_element()
    bring(page, "drop", "notes.txt")
    expect(row(page, "notes.txt")).to_contain_text("This kind of file cannot be uploaded here.")
    expect(row(page, "notes.txt").get_by_role("button", name="Try again")).to_be_hidden()
    assert listed(server) == []


def test_kinds_that_browsers_do_not_heed_keep_no_file_out(open_element: OpenElement) -> None:
    page = open_element("multiple require-alt")
    for count, accept in enumerate(["*/*", "png", ", .PNG", "image/png"], 1):
        page.locator("oeu-upload").evaluate("(e, kinds) => e.setAttribute('accept', kinds)", accept)
        bring(page, "drop", "sun.png")
        expect(page.locator("oeu-upload [data-state=undescribed]")).to_have_count(count)


def test_a_large_picture_is_not_read_into_memory_to_be_shown(open_element: OpenElement) -> None:
    page = open_element("multiple require-alt")
    page.evaluate(
        """() => {
          const mebibyte = new Uint8Array(2 ** 20);
          const make = (name, parts) => new File(parts, name, { type: 'image/png' });
          window.made = [];
          URL.createObjectURL = (file) => made.push(file.name) && 'data:,';
          document.querySelector('oeu-upload').addFiles([
            make('large.png', Array(33).fill(mebibyte)),
            make('small.png', [mebibyte]),
          ]);
        }"""
    )
    expect(page.get_by_role("listitem")).to_have_count(2)
    assert page.evaluate("made") == ["small.png"]


def test_a_single_file_replaces_the_one_before(open_element: OpenElement, server: Server) -> None:
    page = open_element('name="picture"')
    choose(page, file("sun.png"))
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    choose(page, file("sea.png"))
    expect(row(page, "sea.png")).to_contain_text("Uploaded")
    expect(row(page, "sun.png")).to_have_count(0)
    (made,) = listed(server)
    assert entries(page) == [made["id"]]


def test_a_file_that_cannot_be_uploaded_replaces_none(
    open_element: OpenElement, server: Server
) -> None:
    page = open_element('name="picture"')
    choose(page, file("sun.png"))
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    bring(page, "drop", "notes.txt")
    expect(row(page, "notes.txt")).to_contain_text("This kind of file cannot be uploaded here.")
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    (made,) = listed(server)
    assert entries(page) == [made["id"]]


def test_twenty_files_are_sent_a_few_at_a_time(open_element: OpenElement, server: Server) -> None:
    page = open_element()
    page.evaluate(
        """() => {
          window.most = 0;
          document.addEventListener('oeu-progress', ({ target }) => {
            const sending = target.shadowRoot.querySelectorAll('[data-state=sending]').length;
            window.most = Math.max(window.most, sending);
          });
        }"""
    )
    choose(page, *(file(f"{n}.png") for n in range(20)))
    expect(page.get_by_role("status")).to_have_text("20 of 20 files are uploaded.", timeout=60_000)
    assert len(listed(server)) == len(entries(page)) == 20
    assert 1 <= page.evaluate("window.most") <= 3


def test_the_keyboard_alone_uploads_and_describes(
    open_element: OpenElement, server: Server
) -> None:
    page = open_element()

    def answer(chooser: FileChooser) -> None:
        chooser.set_files([file("sun.png")])

    page.on("filechooser", answer)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Choose files")).to_be_focused()
    page.keyboard.press("Space")
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    page.keyboard.press("Tab")
    page.keyboard.type("A sun")
    page.keyboard.press("Enter")
    expect(row(page, "sun.png")).to_contain_text("The description is saved.")
    expect(page.get_by_role("status")).to_have_text("The description is saved.")
    assert listed(server)[0]["attributes"]["alt"] == "A sun"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(row(page, "sun.png")).to_have_count(0)
    expect(page.get_by_role("button", name="Choose files")).to_be_focused()
    assert listed(server) == []


# --- What goes wrong --------------------------------------------------------------------------


def test_a_refused_file_says_why_and_the_others_go_on(
    open_element: OpenElement, server: Server, complaints: list[str]
) -> None:
    page = open_element()
    seen = page.evaluate_handle(
        """() => {
          const seen = [];
          document.addEventListener('oeu-error', ({ detail }) =>
            seen.push([detail.file.name, detail.error.status, detail.error.code]));
          return seen;
        }"""
    )
    choose(page, file("page.png", NO_PICTURE), file("sun.png"))
    expect(row(page, "page.png")).to_contain_text("not an image")
    expect(row(page, "page.png").get_by_role("button")).to_have_text(["Remove"])
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    assert seen.json_value() == [["page.png", 422, "unsupported-file-type"]]
    assert len(listed(server)) == 1
    row(page, "page.png").get_by_role("button", name="Remove").click()
    expect(row(page, "page.png")).to_have_count(0)
    assert len(entries(page)) == 1
    drop_refusals(complaints)


def test_a_file_is_tried_again_with_another_token(
    open_element: OpenElement, server: Server, complaints: list[str]
) -> None:
    page = open_element(token="oeu_wrong")  # noqa: S106 - a wrong one
    choose(page, file("sun.png"))
    again = row(page, "sun.png").get_by_role("button", name="Try again: sun.png")
    expect(again).to_be_visible()
    page.evaluate(
        "token => { document.querySelector('oeu-upload').token = async () => token }", server.token
    )
    again.click()
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    drop_refusals(complaints)


def test_a_description_that_cannot_be_saved_says_so_at_its_field(
    open_element: OpenElement, server: Server, complaints: list[str]
) -> None:
    page = open_element()
    choose(page, file("sun.png"))
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    (made,) = listed(server)
    assert server.request("DELETE", f"/v1/uploads/{made['id']}")[0] == 204
    field = row(page, "sun.png").get_by_label("Description")
    field.fill("A sun")
    field.press("Enter")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("There is no such resource.")
    drop_refusals(complaints)


def test_a_file_that_changes_on_its_way_is_not_tried_again(
    open_element: OpenElement, server: Server, tmp_path: Path
) -> None:
    page = open_element()
    path = tmp_path / "sun.png"
    path.write_bytes(PNG)
    held = HeldRequests(page, f"{server.url}/v1/uploads/resumable", "POST")
    page.locator("oeu-upload input[type=file]").first.set_input_files(path)
    held.wait_for(1)
    path.write_bytes(PNG + PNG)
    held.let_go()
    expect(row(page, "sun.png")).to_contain_text("could not be read")
    expect(row(page, "sun.png").get_by_role("button")).to_have_text(["Remove"])
    assert listed(server) == []


# Neither a name nor a server's words become elements, a look-up, or a placeholder.
HOSTILE = "<img src=x onerror=alert(1)>{reason}.png"


def test_names_and_errors_are_shown_as_text(
    open_element: OpenElement, server: Server, complaints: list[str]
) -> None:
    page = open_element()
    exposed = {"Access-Control-Expose-Headers": "Retry-After"}
    answer = {"status": "422", "code": "constructor", "title": "No", "detail": HOSTILE}
    page.route(
        f"{server.url}/v1/uploads/resumable",
        lambda route: (
            route.fallback()
            if route.request.method == "OPTIONS"
            else route.fulfill(
                status=422,
                headers={"Access-Control-Allow-Origin": "*", **exposed},
                body=json.dumps({"errors": [answer]}),
            )
        ),
    )
    choose(page, file(HOSTILE))
    found = page.get_by_role("listitem")
    expect(found.locator(".name")).to_have_text(HOSTILE)
    expect(found.locator(".error").first).to_have_text(HOSTILE)
    expect(page.get_by_role("status")).to_have_text(f"{HOSTILE} is not uploaded: {HOSTILE}")
    assert found.locator("img[onerror]").count() == 0
    drop_refusals(complaints)


def test_a_file_that_is_removed_after_its_last_bytes_leaves_nothing(
    open_element: OpenElement, server: Server
) -> None:
    page = open_element()
    held = HeldRequests(page, f"{server.url}/v1/uploads/*-*", "GET")
    choose(page, file("sun.png"))
    held.wait_for(1)
    (made,) = listed(server)
    with page.expect_response(deletes(f"{server.url}/v1/uploads/{made['id']}")):
        row(page, "sun.png").get_by_role("button", name="Cancel").click()
    expect(row(page, "sun.png")).to_have_count(0)
    assert listed(server) == []
    assert entries(page) == []


def test_a_file_that_is_cancelled_while_its_last_answer_comes_leaves_nothing(
    open_element: OpenElement, server: Server
) -> None:
    page = open_element()
    address = f"{server.url}/v1/uploads/resumable/*"
    page.route(
        address,
        # The server has it whole, which the page does not hear.
        lambda route: route.fetch() if route.request.method == "PATCH" else route.fallback(),
    )
    with page.expect_request(lambda request: request.method == "PATCH"):
        choose(page, file("sun.png"))
    while not (made := listed(server)):
        page.wait_for_timeout(20)
    with page.expect_response(deletes(f"{server.url}/v1/uploads/{made[0]['id']}")):
        row(page, "sun.png").get_by_role("button", name="Cancel").click()
    assert listed(server) == []


def test_a_file_that_is_cancelled_before_it_has_an_address_leaves_nothing(
    open_element: OpenElement, server: Server
) -> None:
    page = open_element()
    held = HeldRequests(page, f"{server.url}/v1/uploads/resumable", "POST")
    choose(page, file("sun.png"))
    held.wait_for(1)
    row(page, "sun.png").get_by_role("button", name="Cancel").click()
    expect(row(page, "sun.png")).to_have_count(0)
    with page.expect_response(deletes(f"{server.url}/v1/uploads/resumable/")) as forgotten:
        held.let_go()
    assert forgotten.value.status == 204
    assert listed(server) == []


def test_a_file_that_is_paused_before_it_has_an_address_begins_once(
    open_element: OpenElement, server: Server
) -> None:
    page = open_element()
    methods: list[str] = []
    page.on("request", lambda request: methods.append(request.method))
    held = HeldRequests(page, f"{server.url}/v1/uploads/resumable", "POST")
    choose(page, file("sun.png"))
    held.wait_for(1)
    row(page, "sun.png").get_by_role("button", name="Pause").click()
    with page.expect_response(lambda response: response.request.method == "POST"):
        held.let_go()
    expect(row(page, "sun.png")).to_contain_text("Paused")
    row(page, "sun.png").get_by_role("button", name="Continue").click()
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    assert [each for each in methods if each != "OPTIONS"] == ["POST", "HEAD", "PATCH", "GET"]


def test_a_page_renews_the_token_while_a_file_is_on_its_way(
    open_element: OpenElement, server: Server, complaints: list[str]
) -> None:
    page = open_element()
    renew = "token => { document.querySelector('oeu-upload').token = token }"
    held = HeldRequests(page, f"{server.url}/v1/uploads/resumable", "POST")
    choose(page, file("sun.png"))
    held.wait_for(1)
    page.evaluate(renew, "oeu_expired")
    held.let_go()
    again = row(page, "sun.png").get_by_role("button", name="Try again: sun.png")
    expect(again).to_be_visible()
    page.evaluate(renew, server.token)
    with page.expect_request(lambda request: request.method == "HEAD"):
        again.click()
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    drop_refusals(complaints)


def test_an_element_that_is_taken_out_goes_on_unless_it_is_cleared(
    open_element: OpenElement, server: Server
) -> None:
    page = open_element()
    held = HeldRequests(page, f"{server.url}/v1/uploads/resumable", "POST")
    choose(page, file("sun.png"), file("sea.png"))
    first, _ = held.wait_for(2)
    page.evaluate("window.element = document.querySelector('oeu-upload'); element.remove()")
    first.fallback()
    while page.evaluate("element.uploads.length") == 0:
        page.wait_for_timeout(20)
    page.evaluate("element.clear()")
    page.evaluate("document.querySelector('form').append(element)")
    expect(page.get_by_role("listitem")).to_have_count(0)
    assert len(listed(server)) == 1


def test_a_last_answer_that_is_lost_sends_nothing_again(
    open_element: OpenElement, server: Server, complaints: list[str]
) -> None:
    page = open_element()
    lost: list[Route] = []

    def lose_two(route: Route) -> None:
        if route.request.method == "GET" and len(lost) < 2:
            lost.append(route)
            route.abort()
        else:
            route.fallback()

    page.route(f"{server.url}/v1/uploads/*-*", lose_two)
    choose(page, file("sun.png"))
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    assert len(listed(server)) == 1
    assert len(complaints) == len(lost) == 2
    complaints.clear()


def test_pressing_remove_twice_removes_once(open_element: OpenElement, server: Server) -> None:
    page = open_element()
    choose(page, file("sun.png"))
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    page.evaluate(
        "() => { window.removed = [];"
        " addEventListener('oeu-removed', ({ detail }) => removed.push(detail.file.name)) }"
    )
    row(page, "sun.png").get_by_role("button", name="Remove").dblclick()
    expect(row(page, "sun.png")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("removed") == ["sun.png"]
    assert listed(server) == []


def test_the_last_description_is_the_one_that_stays(
    open_element: OpenElement, server: Server
) -> None:
    page = open_element()
    choose(page, file("sun.png"))
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    held = HeldRequests(page, f"{server.url}/v1/uploads/*-*", "PATCH", most=1)
    field = row(page, "sun.png").get_by_label("Description")
    for text in ("A sun", "A sun at noon"):
        field.fill(text)
        field.press("Enter")
    held.wait_for(1)
    page.wait_for_timeout(200)
    held.let_go()
    expect(row(page, "sun.png")).to_contain_text("The description is saved.")
    (made,) = listed(server)
    assert made["attributes"]["alt"] == "A sun at noon"


# --- Descriptions -----------------------------------------------------------------------------


def test_a_description_that_is_required_goes_with_the_file(
    open_element: OpenElement, server: Server
) -> None:
    page = open_element('name="pictures" multiple require-alt visibility="private"')
    choose(page, file("sun.png"))
    field = row(page, "sun.png").get_by_label("Description")
    row(page, "sun.png").get_by_role("button", name="Upload: sun.png").click()
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("Describe it first.")
    assert listed(server) == []
    field.fill("A sun")
    field.press("Enter")
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    (made,) = listed(server)
    assert made["attributes"]["alt"] == "A sun"
    assert made["attributes"]["visibility"] == "private"


# --- In a form --------------------------------------------------------------------------------


def is_valid(page: Page) -> bool:
    found: bool = page.evaluate("document.querySelector('form').checkValidity()")
    return found


def test_a_form_waits_for_what_it_requires(open_element: OpenElement) -> None:
    page = open_element('name="pictures" multiple required form-value="url" require-alt')
    assert not is_valid(page)
    choose(page, file("sun.png"))
    # It is not described, and so not sent.
    assert not is_valid(page)
    assert entries(page) == []
    row(page, "sun.png").get_by_label("Description").fill("A sun")
    row(page, "sun.png").get_by_role("button", name="Upload").click()
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    assert is_valid(page)
    (url,) = entries(page)
    assert re.fullmatch(r"http://.*/media/.*\.png", url)


def test_a_description_is_saved_though_its_form_is_sent_at_once(
    open_element: OpenElement, server: Server
) -> None:
    page = open_element()
    choose(page, file("sun.png"))
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    row(page, "sun.png").get_by_label("Description").fill("A sun")
    # The browser asks before it sends the description to another origin: the page is gone by then.
    server.freeze()
    try:
        page.get_by_role("button", name="Send the form").click()
        page.wait_for_url("**/element.html?pictures=*")
    finally:
        server.signal(signal.SIGCONT, every_process=True)
    until = time.monotonic() + 30
    while listed(server)[0]["attributes"]["alt"] != "A sun":
        assert time.monotonic() < until
        page.wait_for_timeout(50)


def test_a_reset_form_is_empty_and_a_disabled_one_takes_nothing(
    open_element: OpenElement, server: Server
) -> None:
    page = open_element()
    choose(page, file("sun.png"))
    expect(row(page, "sun.png")).to_contain_text("Uploaded")
    page.evaluate("document.querySelector('form').reset()")
    expect(page.get_by_role("listitem")).to_have_count(0)
    assert entries(page) == []
    assert len(listed(server)) == 1
    page.evaluate("document.querySelector('oeu-upload').disabled = true")
    expect(page.get_by_role("button", name="Choose files")).to_be_disabled()
    bring(page, "drop", "sun.png")
    expect(page.get_by_role("listitem")).to_have_count(0)


# --- For everybody ----------------------------------------------------------------------------


def fill_with_states(page: Page) -> None:
    """Have a file that is uploaded, one that is refused here and one without a description."""
    choose(
        page,
        file("sunset.jpg", landscape("#264653", "#e76f51")),
        file("sea.png"),
    )
    bring(page, "drop", "notes.txt")
    row(page, "sunset.jpg").get_by_role("textbox").fill("A red sun over hills")
    row(page, "sunset.jpg").get_by_role("button").first.click()
    row(page, "sea.png").get_by_role("button").first.click()


@pytest.mark.usefixtures("node")  # It installs axe-core.
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("lang", "direction", "width"), [("en", "ltr", 1000), ("de", "rtl", 320)])
def test_nothing_stands_in_the_way(
    open_element: OpenElement, scheme: str, lang: str, direction: str, width: int
) -> None:
    page = open_element(
        'name="pictures" multiple require-alt',
        lang=lang,
        direction=direction,
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
    )
    assert_accessible(page)
    fill_with_states(page)
    uploaded = {"en": "Uploaded", "de": "Hochgeladen"}[lang]
    expect(row(page, "sunset.jpg")).to_contain_text(uploaded)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    take_picture(page.locator("oeu-upload"), f"element-{scheme}-{lang}.png")


def test_colours_that_a_reader_forces_leave_every_border(open_element: OpenElement) -> None:
    page = open_element("multiple require-alt", forced_colors="active")
    fill_with_states(page)
    for part in (".drop", "li", "button", ".alt"):
        border = page.locator(f"oeu-upload {part}").first
        expect(border).not_to_have_css("border-top-width", "0px")
    take_picture(page.locator("oeu-upload"), "element-forced-colors.png")


@pytest.mark.parametrize(
    ("motion", "seconds"), [("reduce", "0s"), ("no-preference", "0.15s, 0.15s")]
)
def test_nothing_moves_for_who_wants_that(
    open_element: OpenElement, motion: str, seconds: str
) -> None:
    page = open_element(reduced_motion=motion)
    expect(page.locator("oeu-upload .drop")).to_have_css("transition-duration", seconds)


def test_a_phone_can_take_a_photo(open_element: OpenElement) -> None:
    page = open_element(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800})
    expect(page.get_by_role("button", name="Take a photo")).to_be_visible()
    photo = page.locator("oeu-upload input[capture]")
    expect(photo).to_have_attribute("capture", "environment")
    photo.set_input_files([file("photo.png")])
    expect(row(page, "photo.png")).to_contain_text("Uploaded")
    take_picture(page, "element-phone.png")


def test_texts_are_those_of_the_language_or_of_the_page(open_element: OpenElement) -> None:
    page = open_element(lang="de-AT")
    expect(page.get_by_role("button", name="Dateien auswählen")).to_be_visible()
    page.evaluate("document.querySelector('oeu-upload').texts = { chooseFiles: 'Bilder her' }")
    expect(page.get_by_role("button", name="Bilder her")).to_be_visible()


def test_a_page_styles_it(open_element: OpenElement) -> None:
    page = open_element()
    page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync('oeu-upload { --oeu-accent: rgb(10, 90, 10) }'
            + 'oeu-upload::part(drop) { border-width: 5px }');
          document.adoptedStyleSheets = [sheet];
        }"""
    )
    button = page.get_by_role("button", name="Choose files")
    expect(button).to_have_css("background-color", "rgb(10, 90, 10)")
    expect(page.locator("oeu-upload .drop")).to_have_css("border-top-width", "5px")


# --- The page about it ------------------------------------------------------------------------


def test_the_page_of_the_documentation_uploads(
    open_page: OpenPage, written: Written, script: None, server: Server
) -> None:
    assert script is None
    text = (JS_CLIENT.parents[1] / "docs/how-to/upload-element.md").read_text()
    shown = re.search(r"^```html\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    program = re.search(r"^```js\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert shown
    assert program
    folder, origin = written
    head = '<!doctype html><html lang="en"><title>Talks</title><link rel="icon" href="data:,">'
    (folder / "shown.html").write_text(head + shown[1].replace("http://127.0.0.1:8000", server.url))
    page = open_page(f"{origin}/shown.html")
    page.evaluate(program[1].replace("oeu_…", server.token))
    choose(page, file("sun.png"), file("sea.png"))
    expect(page.get_by_role("status")).to_have_text("2 of 2 files are uploaded.")
    assert set(entries(page)) == {each["id"] for each in listed(server)}
