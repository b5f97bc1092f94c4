"""New files that the pages for admins send survive pauses, lost connections and reloads."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.browser.conftest import OpenPage, listed, sign_in
from tests.browser.held import HeldRequests
from tests.images import picture
from tests.resumable import VERSION
from tests.server import Server

pytestmark = pytest.mark.server

UPLOADS = "/admin/uploads/"
# What the page's script sends at once.
PIECE = 8 * 1024**2
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file a little longer than what is sent at once."""
    return photo_in(tmp_path_factory.mktemp("photos"), "stage.png", 1700)


def photo_in(folder: Path, name: str, side: int) -> Path:
    path = folder / name
    Image.effect_noise((side, side), 90).convert("RGB").save(path, compress_level=0)
    assert PIECE < path.stat().st_size < 2 * PIECE
    return path


@dataclass
class Traffic:
    """What a page sends to the address of new files; while `holds`, no piece but the first."""

    holds: bool = True
    held: list[Route] = field(default_factory=list)
    sent: list[Request] = field(default_factory=list)

    def pass_on(self, route: Route) -> None:
        """Hold a request back, or let it go."""
        self.sent.append(route.request)
        if self.holds and route.request.headers.get("upload-offset", "0") != "0":
            self.held.append(route)
        else:
            route.continue_()

    def let_go(self) -> None:
        """Hold nothing from now on, and forget what was sent."""
        self.holds = False
        self.sent.clear()

    def offsets(self) -> list[int]:
        """Return where each piece belongs that was sent or held."""
        return [int(each.headers["upload-offset"]) for each in self.sent if each.method == "PATCH"]


def watch(page: Page) -> Traffic:
    traffic = Traffic()
    page.route("**/admin/files/resumable/**", traffic.pass_on)
    return traffic


def begin(page: Page, photo: Path) -> Traffic:
    """Send a file, and hold it where its first piece has arrived."""
    traffic = watch(page)
    page.locator("#files").set_input_files(photo)
    expect(state(page)).to_have_text(re.compile(r"^8\.4 MB of "))
    # It is sent, but not acknowledged before the next one begins.
    for _ in range(1500):
        if traffic.held:
            return traffic
        page.wait_for_timeout(20)
    pytest.fail(f"The second piece does not begin: {state(page).inner_text()}, {traffic.offsets()}")


def state(page: Page) -> Locator:
    return page.locator(".sending [data-state]")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def remembered(page: Page) -> int:
    found: int = page.evaluate("localStorage.length")
    return found


def expect_uploaded(page: Page, server: Server, photo: Path) -> None:
    """The page shows the upload, which has every byte."""
    expect(page.locator(".tile")).to_have_count(1, timeout=15_000)
    (uploaded,) = listed(server)
    assert uploaded["attributes"]["filename"] == photo.name
    assert server.get(uploaded["attributes"]["url"]) == (200, photo.read_bytes())
    assert remembered(page) == 0


# --- By hand ----------------------------------------------------------------------------------


def test_a_file_shows_its_progress_and_is_paused_and_continued(
    visit: OpenPage, server: Server, photo: Path
) -> None:
    page = visit(UPLOADS, viewport=PHONE)
    traffic = begin(page, photo)
    bar = page.get_by_role("progressbar", name="stage.png")
    shown = bar.evaluate("each => each.value")
    assert shown == pytest.approx(PIECE / photo.stat().st_size)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    button(page, "Pause stage.png").focus()
    page.keyboard.press("Enter")
    expect(state(page)).to_have_text(re.compile("^Paused at 8.4 MB of "))
    # The same button: the keyboard's place is not lost.
    expect(button(page, "Continue stage.png")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    # Paused again, before anything could be sent.
    button(page, "Continue stage.png").evaluate("each => { each.click(); each.click(); }")
    page.wait_for_timeout(500)
    assert traffic.offsets() == [0, PIECE]
    traffic.holds = False
    page.keyboard.press("Enter")
    expect_uploaded(page, server, photo)
    assert traffic.offsets() == [0, PIECE, PIECE]
    expect(page.locator("[role=status]")).to_have_text("1 file was uploaded.")


def test_what_is_cancelled_leaves_nothing(visit: OpenPage, server: Server, photo: Path) -> None:
    page = visit(UPLOADS)
    others = parts(server)
    traffic = begin(page, photo)
    assert (len(parts(server) - others), remembered(page)) == (1, 1)
    button(page, "Cancel stage.png").click()
    expect(page.locator(".sending li")).to_have_count(0)
    expect(page.locator("[role=status]")).to_have_text("stage.png was cancelled.")
    expect(page.locator("#files")).to_be_focused()
    assert [each.method for each in traffic.sent][-2:] == ["HEAD", "DELETE"]
    assert (parts(server), listed(server), remembered(page)) == (others, [], 0)


def parts(server: Server) -> set[Path]:
    """Return what has arrived of files that are unfinished."""
    return {
        each for each in server.storage.rglob("*") if each.is_file() and "partial" in each.parts
    }


def test_no_more_than_three_files_are_sent_at_once(
    visit: OpenPage, server: Server, tmp_path: Path
) -> None:
    page = visit(UPLOADS)
    held = HeldRequests(page, "**/admin/files/resumable/**", "PATCH")
    paths = [tmp_path / f"{n}.png" for n in range(5)]
    for n, path in enumerate(paths):
        path.write_bytes(picture(size=(12 + n, 8)))
    page.locator("#files").set_input_files(paths)
    expect(page.get_by_text("Waits for other files")).to_have_count(2)
    held.wait_for(3)
    page.wait_for_timeout(500)
    assert len(held.wait_for(3)) == 3
    held.let_go()
    expect(page.locator(".tile")).to_have_count(5)
    assert len(listed(server)) == 5


# --- What happens to a network ----------------------------------------------------------------


def test_a_file_goes_on_by_itself_after_the_network_was_lost(
    visit: OpenPage, server: Server, photo: Path, complaints: list[str]
) -> None:
    page = visit(UPLOADS)
    traffic = watch(page)
    traffic.holds = False
    network = page.context.new_cdp_session(page)

    def limit(*, offline: bool, bytes_a_second: int) -> None:
        limits = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
        network.send("Network.emulateNetworkConditions", {"offline": offline, **limits})

    limit(offline=False, bytes_a_second=2_000_000)
    page.locator("#files").set_input_files(photo)
    bar = page.get_by_role("progressbar", name="stage.png")
    while bar.evaluate("each => each.value") < 0.3:
        page.wait_for_timeout(50)
    limit(offline=True, bytes_a_second=-1)
    expect(state(page)).to_contain_text("No connection. It goes on by itself.")
    limit(offline=False, bytes_a_second=-1)
    expect_uploaded(page, server, photo)
    # Of the piece that broke off, what had arrived is not sent again.
    begun, went_on = traffic.offsets()
    assert begun == 0 < went_on < PIECE
    # The browser may note what it could not send.
    complaints[:] = [each for each in complaints if "ERR_INTERNET_DISCONNECTED" not in each]


# --- What happens to a page -------------------------------------------------------------------


def test_after_a_reload_a_file_that_is_chosen_again_goes_on_where_it_was(
    visit: OpenPage, server: Server, photo: Path, tmp_path: Path
) -> None:
    page = visit(UPLOADS)
    traffic = begin(page, photo)
    asked: list[str] = []

    def leave(dialog: Any) -> None:  # noqa: ANN401 - Playwright's
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.reload()
    assert asked == ["beforeunload"]
    expect(state(page)).to_contain_text("arrived earlier. Choose the file again to go on.")
    traffic.let_go()
    other = tmp_path / "stage.png"
    other.write_bytes(picture())
    for path in (other, photo):
        with page.expect_file_chooser() as chooser:
            button(page, "Choose the file again").click()
        chooser.value.set_files(path)
        if path == other:
            expect(page.locator(".problem:visible")).to_contain_text("is not the same file")
    expect_uploaded(page, server, photo)
    assert traffic.offsets() == [PIECE]
    assert [each.method for each in traffic.sent] == ["HEAD", "PATCH"]


def test_a_file_that_is_dropped_again_goes_on_too(
    visit: OpenPage, server: Server, photo: Path
) -> None:
    page = visit(UPLOADS)
    traffic = begin(page, photo)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(state(page)).to_contain_text("Choose the file again")
    traffic.let_go()
    page.locator("#files").set_input_files(photo)
    expect_uploaded(page, server, photo)
    assert traffic.offsets() == [PIECE]


def test_another_tab_offers_a_file_only_once_it_is_not_sent_any_more(
    visit: OpenPage, server: Server, photo: Path
) -> None:
    page = visit(UPLOADS)
    begin(page, photo)
    button(page, "Pause stage.png").click()
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_timeout(500)
    expect(other.locator(".sending li")).to_have_count(0)
    page.close()
    expect(other.locator(".sending li")).to_have_count(1)
    button(other, "Cancel stage.png").click()
    expect(other.locator(".sending li")).to_have_count(0)
    assert listed(server) == []


def test_what_has_expired_is_not_offered(visit: OpenPage, photo: Path) -> None:
    page = visit(UPLOADS)
    begin(page, photo)
    page.evaluate(
        """() => {
            const [key] = Object.keys(localStorage);
            const [upload] = JSON.parse(localStorage[key]);
            localStorage[key] = JSON.stringify([{ ...upload, expires: Date.now() - 1 }]);
        }"""
    )
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.wait_for_timeout(500)
    expect(page.locator(".sending li")).to_have_count(0)


# --- What the server says ---------------------------------------------------------------------


def test_a_file_that_is_refused_says_why_and_is_forgotten(
    visit: OpenPage, server: Server, tmp_path: Path, complaints: list[str]
) -> None:
    path = tmp_path / "stage.png"
    path.write_bytes(b"<!doctype html>" * 600_000)
    page = visit(UPLOADS)
    page.locator("#files").set_input_files(path)
    expect(page.locator(".problem:visible")).to_contain_text("not an image")
    expect(page.locator("[role=status]")).to_contain_text("stage.png was refused. The bytes are")
    assert (listed(server), remembered(page)) == ([], 0)
    assert "422" in complaints.pop()


def test_a_session_that_ended_is_said_and_a_new_one_goes_on(
    open_page: OpenPage, server: Server, photo: Path, complaints: list[str]
) -> None:
    page = open_page(f"{server.url}{UPLOADS}")
    sign_in(page, server.password)
    # The page to watch is the one that signing in leads to.
    page.wait_for_url(f"**{UPLOADS}", wait_until="commit")
    # The script of the page takes what is chosen before it runs.
    traffic = begin(page, photo)
    button(page, "Pause stage.png").click()
    elsewhere = page.context.new_page()
    elsewhere.goto(page.url)
    button(elsewhere, "Sign out").click()
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()
    traffic.holds = False
    button(page, "Continue stage.png").click()
    expect(page.locator(".problem:visible")).to_contain_text("Sign in in another tab")
    expect(state(page)).to_have_text(re.compile("^Stopped at 8.4 MB of "))
    assert remembered(page) == 1
    assert "403" in complaints.pop()
    sign_in(elsewhere, server.password)
    expect(elsewhere.get_by_role("heading", name="Overview")).to_be_visible()
    button(page, "Continue stage.png").click()
    expect_uploaded(page, server, photo)
    assert traffic.offsets() == [0, PIECE, PIECE]


def test_a_file_that_the_server_has_no_more_is_begun_anew(
    visit: OpenPage, server: Server, photo: Path, complaints: list[str]
) -> None:
    page = visit(UPLOADS)
    traffic = begin(page, photo)
    button(page, "Pause stage.png").click()
    path = traffic.sent[-1].url.partition("/admin/files")[2]
    assert server.request("DELETE", f"/v1/uploads{path}", headers=VERSION)[0] == 204
    traffic.let_go()
    button(page, "Continue stage.png").click()
    expect_uploaded(page, server, photo)
    assert traffic.offsets() == [0, PIECE]
    assert "404" in complaints.pop()


def test_what_will_pass_is_waited_for(
    visit: OpenPage, server: Server, photo: Path, complaints: list[str]
) -> None:
    page = visit(UPLOADS)
    traffic = begin(page, photo)
    (held,) = traffic.held
    held.fulfill(status=503, json={"detail": "The storage cannot be used right now."})
    expect(state(page)).to_contain_text(
        "The storage cannot be used right now. It goes on by itself."
    )
    traffic.holds = False
    expect_uploaded(page, server, photo)
    assert traffic.offsets() == [0, PIECE, PIECE]
    assert "503" in complaints.pop()


def test_a_file_that_was_removed_from_the_disk_is_said(
    visit: OpenPage, tmp_path: Path, complaints: list[str]
) -> None:
    page = visit(UPLOADS)
    path = photo_in(tmp_path, "stage.png", 1700)
    traffic = begin(page, path)
    button(page, "Pause stage.png").click()
    path.unlink()
    traffic.holds = False
    button(page, "Continue stage.png").click()
    expect(page.locator(".problem:visible")).to_contain_text("The file cannot be read")
    button(page, "Cancel stage.png").click()
    expect(page.locator(".sending li")).to_have_count(0)
    assert all("ERR_" in each for each in complaints)
    complaints.clear()
