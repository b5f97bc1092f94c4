"""`examples/form` uploads without a line of script."""

import json

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import EXAMPLES, OpenPage, Written, listed
from tests.documents import JSON_API
from tests.images import picture
from tests.server import Server

pytestmark = pytest.mark.server

# Where the page sends its form; the server of a test listens elsewhere.
DEFAULT = "http://127.0.0.1:8000"


@pytest.fixture
def page(open_page: OpenPage, written: Written, server: Server) -> Page:
    folder, origin = written
    form = (EXAMPLES / "form" / "index.html").read_text()
    assert DEFAULT in form
    (folder / "form.html").write_text(form.replace(DEFAULT, server.url))
    return open_page(f"{origin}/form.html", java_script_enabled=False)


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
