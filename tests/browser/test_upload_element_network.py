"""`<oeu-upload>` over a network that comes and goes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from tests.browser.conftest import OpenPage, Written, listed
from tests.browser.network import Network
from tests.cable import Cable
from tests.images import noise
from tests.js_client import JS_CLIENT, build_js_client
from tests.server import Server

pytestmark = pytest.mark.server

PICTURE = noise((3000, 2000))
PAGE = """<!doctype html>
<html lang="en">
  <title>Speakers</title>
  <link rel="icon" href="data:,">
  <script type="module" src="oeu-upload.js"></script>
  <oeu-upload server="{server}" visibility="private"></oeu-upload>
</html>
"""


@pytest.fixture(scope="module")
def running(cabled: Server) -> Server:
    return cabled


@pytest.fixture
def page(open_page: OpenPage, written: Written, cable: Cable) -> Page:
    build_js_client()
    folder, origin = written
    shutil.copy(JS_CLIENT / "dist/oeu-upload.js", folder)
    (folder / "network.html").write_text(PAGE.format(server=cable.url))
    return open_page(f"{origin}/network.html")


@pytest.fixture
def network(cable: Cable, page: Page) -> Iterator[Network]:
    network = Network(cable, page, len(PICTURE))
    yield network
    network.plug()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "noise.jpg"
    path.write_bytes(PICTURE)
    return path


@pytest.fixture
def offsets(page: Page) -> list[int]:
    """How much the server had, whenever the page asked."""
    found: list[int] = []

    def note(response: Response) -> None:
        if response.request.method == "HEAD" and response.ok:
            found.append(int(response.headers["upload-offset"]))

    page.on("response", note)
    return found


def begin(page: Page, server: Server, path: Path) -> Locator:
    """Choose the file, and return its row."""
    page.evaluate("token => { document.querySelector('oeu-upload').token = token }", server.token)
    page.locator("oeu-upload input").first.set_input_files(path)
    return page.get_by_role("listitem", name="noise.jpg")


def assert_whole(row: Locator, server: Server) -> None:
    expect(row).to_contain_text("Uploaded", timeout=60_000)
    (created,) = listed(server)
    assert created["attributes"]["visibility"] == "private"
    assert server.get(created["attributes"]["url"]) == (200, PICTURE)


def drop_network_errors(complaints: list[str]) -> None:
    """Take out what the browser says of connections that broke."""
    assert all("net::ERR_" in each for each in complaints)
    complaints.clear()


def test_a_file_goes_on_when_the_network_is_back(  # noqa: PLR0913, PLR0917 - each is a part of the scene
    page: Page,
    server: Server,
    path: Path,
    network: Network,
    offsets: list[int],
    complaints: list[str],
) -> None:
    network.slow_down()
    row = begin(page, server, path)
    network.wait_for_a_third()
    network.pull()
    page.wait_for_timeout(1500)
    assert listed(server) == []
    network.plug()
    assert_whole(row, server)
    assert 0 < offsets[-1] < len(PICTURE)
    assert complaints
    drop_network_errors(complaints)


def test_a_file_that_is_chosen_again_after_a_reload_goes_on(
    page: Page, server: Server, path: Path, network: Network, offsets: list[int]
) -> None:
    network.slow_down()
    begin(page, server, path)
    network.wait_for_a_third()
    page.reload()
    # Loses what is still on its way between here and the server.
    network.pull()
    network.plug()
    row = begin(page, server, path)
    assert_whole(row, server)
    assert 0 < offsets[0] < len(PICTURE)


def test_a_file_can_be_paused_continued_and_cancelled(
    page: Page, server: Server, path: Path, network: Network, offsets: list[int]
) -> None:
    network.slow_down()
    row = begin(page, server, path)
    network.wait_for_a_third()
    row.get_by_role("button", name="Pause: noise.jpg").click()
    expect(row).to_contain_text("Paused at")
    resume = row.get_by_role("button", name="Continue: noise.jpg")
    expect(resume).to_be_focused()
    resume.click()
    expect(row).to_contain_text("% sent")
    network.wait_for_a_third()
    with page.expect_response(lambda response: response.request.method == "DELETE"):
        row.get_by_role("button", name="Cancel: noise.jpg").click()
    expect(row).to_have_count(0)
    network.plug()
    # It asked each time how much was there, and began nothing new.
    assert len(offsets) == 2
    assert max(offsets) < len(PICTURE)
    # Nothing is left to go on with.
    offsets.clear()
    assert_whole(begin(page, server, path), server)
    assert offsets == []
