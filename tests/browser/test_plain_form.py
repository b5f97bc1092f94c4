"""`examples/form` uploads without a line of script."""

import json

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import EXAMPLES, OpenPage, listed
from tests.documents import JSON_API
from tests.images import picture
from tests.server import Server

pytestmark = pytest.mark.server

# Where the page sends its form; the server of a test listens elsewhere.
WRITTEN = "http://127.0.0.1:8000"


@pytest.fixture
def page(open_page: OpenPage, examples: str, server: Server) -> Page:
    written = (EXAMPLES / "form" / "index.html").read_text()
    assert WRITTEN in written

    def answer(route: Route) -> None:
        route.fulfill(body=written.replace(WRITTEN, server.url), content_type="text/html")

    return open_page(
        f"{examples}/form/",
        lambda page: page.route("**/form/", answer),
        java_script_enabled=False,
    )


def test_a_form_without_script_uploads(page: Page, server: Server) -> None:
    content = picture(size=(64, 48))
    page.get_by_label("Picture").set_input_files(
        {"name": "sun.png", "mimeType": "image/png", "buffer": content}
    )
    page.get_by_label("What it shows").fill("A sun over the sea")
    with page.expect_navigation() as navigation:
        page.get_by_role("button", name="Upload").click()

    answer = navigation.value
    assert answer.status == 201
    assert answer.header_value("content-type") == JSON_API
    (created,) = listed(server)
    assert created["attributes"]["alt"] == "A sun over the sea"
    assert server.get(created["attributes"]["url"]) == (200, content)
    # Chromium shows a document of JSON as text.
    assert json.loads(page.locator("body").inner_text())["data"]["id"] == created["id"]
