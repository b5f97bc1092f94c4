"""Open pages in a real Chromium, against the real server process."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.cable import Cable
from tests.chromium import launch_chromium
from tests.documents import COLLECTION
from tests.machine import node_with_packages
from tests.server import Server

EXAMPLES = Path(__file__).parents[2] / "examples"
# Whose packages the tests here use too.
CLIENTS = Path(__file__).parents[1] / "clients"
# Of the first admin.
EMAIL = "admin@localhost"

OpenPage = Callable[..., Page]
Upload = Callable[..., dict[str, Any]]
# The folder of pages that tests write, and the origin they are served from.
Written = tuple[Path, str]
# Bundles a script of this folder, and tells the address of a page with it.
Bundle = Callable[[str], str]
# What is done to a window before it opens the address.
Prepare = Callable[[Page], object] | None
Serve = Callable[[Path], str]


# Not for the whole session: while Playwright runs, no other test can run an event loop of its own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node, once the packages in `CLIENTS` are installed."""
    return node_with_packages(CLIENTS)


@pytest.fixture(scope="package")
def bundle(node: str, written: Written) -> Bundle:
    """Makes a page with a file input and a script, in one file with the packages that it needs.

    Some of them are no modules for a browser.
    """
    folder, origin = written
    packages = CLIENTS / "node_modules"

    def bundle(script: str) -> str:
        path = Path(__file__).with_name(script)
        command = [node, str(packages / "esbuild/bin/esbuild"), str(path)]
        subprocess.run(  # noqa: S603 - our own script
            [*command, "--bundle", "--log-level=warning", f"--outfile={folder / path.stem}.js"],
            env=os.environ | {"NODE_PATH": str(packages)},
            check=True,
        )
        (folder / f"{path.stem}.html").write_text(
            f'<!doctype html><title>{path.stem}</title><link rel="icon" href="data:,">'
            f'<input type="file"><script src="{path.stem}.js"></script>'
        )
        return f"{origin}/{path.stem}.html"

    return bundle


class _Files(SimpleHTTPRequestHandler):
    """Serves files as they are now, and logs nothing."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's
        """Print nothing."""


@pytest.fixture(scope="package")
def serve() -> Iterator[Serve]:
    """Serves a folder on a free loopback port, and tells the origin of its pages."""
    servers: list[tuple[ThreadingHTTPServer, Thread]] = []

    def serve(folder: Path) -> str:
        files = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder)))
        thread = Thread(target=files.serve_forever)
        thread.start()
        servers.append((files, thread))
        return f"http://127.0.0.1:{files.server_port}"

    yield serve
    for files, thread in servers:
        files.shutdown()
        thread.join()
        files.server_close()


@pytest.fixture(scope="package")
def examples(serve: Serve) -> str:
    """The origin of the pages in `examples/`."""
    return serve(EXAMPLES)


@pytest.fixture(scope="package")
def written(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """For pages that a test writes.

    Chromium does not let pages that Playwright answers for use servers on loopback.
    """
    folder = tmp_path_factory.mktemp("pages")
    return folder, serve(folder)


@pytest.fixture(scope="package")
def running(
    browser: Browser, examples: str, written: Written, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """One server for all tests here, started once there is a browser."""
    assert browser.is_connected()
    server = Server(
        tmp_path_factory.mktemp("server"),
        cors_origins=f"{examples},{written[1]}",
        file_types="application/pdf",
        # A form without a script sends no token.
        anonymous_uploads="true",
    )
    yield server
    server.stop()


@pytest.fixture(scope="module")
def cable() -> Iterator[Cable]:
    with Cable() as cable:
        yield cable


@pytest.fixture(scope="module")
def cabled(
    browser: Browser, written: Written, cable: Cable, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server at the other end of a cable."""
    assert browser.is_connected()
    folder = tmp_path_factory.mktemp("server")
    server = Server(folder, cors_origins=written[1], public_url=cable.url)
    cable.port = server.port
    yield server
    server.stop()


@pytest.fixture
def server(running: Server) -> Server:
    """The server, without uploads."""
    for each in listed(running):
        assert running.request("DELETE", f"{COLLECTION}/{each['id']}")[0] == 204
    return running


def listed(server: Server) -> list[dict[str, Any]]:
    """Return every upload."""
    status, body = server.get(f"{COLLECTION}?page[size]=100")
    assert status == 200
    resources: list[dict[str, Any]] = json.loads(body)["data"]
    return resources


@pytest.fixture
def upload(server: Server) -> Upload:
    return server.upload


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """The errors and warnings on the console of the browser, CSP violations too.

    A test that expects one takes it out; any other fails the test.
    """
    written: list[str] = []
    yield written
    assert written == []


@pytest.fixture
def open_page(browser: Browser, complaints: list[str]) -> Iterator[OpenPage]:
    """Opens an address in a window of its own, with the options of Playwright's contexts."""
    contexts = []

    def open_page(url: str, prepare: Prepare = None, **options: Any) -> Page:  # noqa: ANN401 - Playwright's
        context = browser.new_context(**options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text) if said.type in {"error", "warning"} else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        # Chromium is asked to tell of file choosers once somebody listens, which takes effect late:
        # of 60 that a key opened right after `expect_file_chooser`, 5 were not told.
        page.on("filechooser", lambda _: None)
        if prepare:
            prepare(page)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def open_gallery(open_page: OpenPage, examples: str, server: Server) -> OpenPage:
    """Opens the gallery of the server."""
    return partial(open_page, f"{examples}/gallery/?server={server.url}#token={server.token}")


def sign_in(page: Page, password: str, email: str = EMAIL) -> None:
    """Sign in as an admin, on the page for that."""
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture(scope="package")
def signed_in(browser: Browser, running: Server) -> Any:  # noqa: ANN401 - Playwright's
    """The cookie of an admin, so that not every test signs in: attempts are limited."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{running.url}/admin/")
    sign_in(page, running.password)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def visit(open_page: OpenPage, server: Server, signed_in: Any) -> OpenPage:  # noqa: ANN401 - Playwright's
    """Opens a page as an admin."""

    def visit(path: str, **options: Any) -> Page:  # noqa: ANN401 - Playwright's
        return open_page(f"{server.url}{path}", storage_state=signed_in, **options)

    return visit
