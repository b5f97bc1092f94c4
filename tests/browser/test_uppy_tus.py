"""Uppy's plugin for tus, in a page of another origin whose network comes and goes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Bundle, OpenPage, listed
from tests.browser.network import Network
from tests.cable import Cable
from tests.documents import COLLECTION
from tests.images import noise
from tests.server import Server

pytestmark = pytest.mark.server

PICTURE = noise((3000, 2000))
META = {"alt": "Die große Bühne"}


@pytest.fixture(scope="module")
def address(bundle: Bundle) -> str:
    return bundle("uppy_tus.mjs")


@pytest.fixture
def page(open_page: OpenPage, address: str) -> Page:
    return open_page(address)


@pytest.fixture(scope="module")
def running(cabled: Server) -> Server:
    return cabled


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


def begin(page: Page, cable: Cable, server: Server, path: Path) -> None:
    """Begin an upload, and wait for nothing; `finish` does."""
    chosen = page.locator("input")
    chosen.set_input_files(path)
    chosen.evaluate(
        "(input, sent) => { window.done = upload(...sent, input.files[0]) }",
        [f"{cable.url}{COLLECTION}/resumable", server.token, META],
    )


def finish(page: Page) -> Any:  # noqa: ANN401 - JSON
    return page.evaluate("window.done")


def assert_whole(made: Any, server: Server) -> None:  # noqa: ANN401 - JSON
    """Fail unless there is one upload, that of the picture, and Uppy knows its address."""
    assert (made["failed"], made["refusals"]) == ([], [])
    (created,) = listed(server)
    (address,) = made["addresses"]
    assert address.endswith(f"{COLLECTION}/{created['id']}")
    attributes = created["attributes"]
    assert (attributes["filename"], attributes["alt"]) == ("noise.jpg", META["alt"])
    assert server.get(attributes["url"]) == (200, PICTURE)


def kept(made: Any) -> int:  # noqa: ANN401 - JSON
    """Return how much the server had when the browser came back."""
    return int(next(offset for method, offset in made["offsets"] if method == "HEAD"))


def test_a_file_arrives_whole(page: Page, cable: Cable, server: Server, path: Path) -> None:
    begin(page, cable, server, path)
    made = finish(page)
    assert_whole(made, server)
    assert made["progress"] == sorted(made["progress"])
    assert made["progress"][-1] == len(PICTURE)


def test_an_upload_survives_the_network(  # noqa: PLR0913, PLR0917 - each is a part of the scene
    page: Page,
    cable: Cable,
    server: Server,
    path: Path,
    network: Network,
    complaints: list[str],
) -> None:
    network.slow_down()
    begin(page, cable, server, path)
    network.wait_for_a_third()
    network.pull()
    # It asks again at once, and is told that there is no network.
    page.wait_for_timeout(1500)
    assert listed(server) == []
    network.plug()
    made = finish(page)
    assert_whole(made, server)
    assert 0 < kept(made) < len(PICTURE)
    # The browser says what happened.
    assert complaints
    assert all("net::ERR_" in each for each in complaints)
    complaints.clear()


def test_an_upload_survives_a_reload_of_the_page(
    page: Page, cable: Cable, server: Server, path: Path, network: Network
) -> None:
    network.slow_down()
    begin(page, cable, server, path)
    network.wait_for_a_third()
    page.reload()
    # Loses what is still on its way between here and the server.
    network.pull()
    assert listed(server) == []
    network.plug()
    begin(page, cable, server, path)
    made = finish(page)
    assert_whole(made, server)
    assert 0 < kept(made) < len(PICTURE)


def test_a_refused_file_is_an_error_with_our_document(
    page: Page, cable: Cable, server: Server, tmp_path: Path, complaints: list[str]
) -> None:
    path = tmp_path / "page.gif"
    path.write_bytes(b"<!doctype html><title>No</title>")
    begin(page, cable, server, path)
    made = finish(page)
    assert made["addresses"] == []
    assert len(made["failed"]) == 1
    (refusal,) = made["refusals"]
    assert refusal["status"] == 422
    (error,) = refusal["body"]["errors"]
    assert "not an image" in error["detail"]
    assert listed(server) == []
    network, *by_uppy = complaints
    assert "the server responded with a status of 422" in network
    assert all(each.startswith("[Uppy]") for each in by_uppy)
    complaints.clear()
