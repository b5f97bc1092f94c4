"""Go through the tutorial as a newcomer: in an empty folder, by its own commands."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import sign_in
from tests.browser.pictures import take_picture
from tests.documentation import ROOT, Shell, blocks
from tests.images import landscape
from tests.machine import node_with_packages
from tests.ports import free_port
from tests.processes import start

pytestmark = [pytest.mark.server, pytest.mark.slow]

PAGE = ROOT / "docs/tutorial/index.md"
EMBER = ROOT / "examples/ember"
BLOCKS = blocks(PAGE)
START, TOKEN, *SENDING = [block.text for block in BLOCKS if block.language == "sh"]
NPX = next(number for number, text in enumerate(SENDING) if text.startswith("npx"))

# What is fetched from elsewhere is here already: pip gives the new environment the packages of this
# interpreter, and npx begins with what Ember's own command made of `examples/ember`, whose packages
# are installed. Both servers get a port that is free.
_STAND_INS = r"""
pip() {
  [ "$*" = "install open-event-uploads" ]
  python3 -c 'import site, sysconfig; print(sysconfig.get_path("purelib"))' > "$RECORDS/purelib"
  echo "$PACKAGES" > "$(cat "$RECORDS/purelib")/packages.pth"
}
open-event-uploads() {
  [ "$1" != serve ] || set -- serve --port "$PORT"
  command open-event-uploads "$@"
}
npx() {
  [ "$*" = "--yes ember-cli@7.3 new gallery --skip-git" ]
  local from="$EMBER" to="$PWD/gallery"
  mkdir -p "$to/app/services" "$to/app/styles" "$to/app/templates"
  cp -r "$from/package.json" "$from"/*.mjs "$from/index.html" "$from/config" "$to"
  cp -r "$from/app/app.js" "$from/app/deprecation-workflow.js" "$from/app/config" "$to/app"
  cp "$from/app/services/store.js" "$to/app/services"
  sed "s/this.route.*//" "$from/app/router.js" > "$to/app/router.js"
  touch "$to/app/styles/app.css"
  cp -al "$from/node_modules" "$to" 2> /dev/null || cp -a "$from/node_modules" "$to"
}
npm() { command npm "$@" -- --port "$EMBER_PORT" --strictPort; }
"""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who has started the server in one terminal, and has another one.

    Args:
        shell: of the second terminal.
        printed: by the server when it started.
    """

    shell: Shell
    printed: str


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    folder = tmp_path_factory.mktemp("newcomer")
    port, ember_port = free_port(), free_port()
    packages = str(Path(pytest.__file__).parents[1])
    environment = {
        "PORT": str(port),
        "EMBER_PORT": str(ember_port),
        "EMBER": str(EMBER),
        "PACKAGES": f"{packages}\n{ROOT}",
        "TMPDIR": str(folder),
    }
    shell = Shell(folder, f"127.0.0.1:{port}", environment, _STAND_INS)
    log = folder / "server.log"
    with log.open("w") as printed:
        process = start(
            ["/bin/bash", "-c", shell.script(at_port(START, ember_port))],
            cwd=folder,
            env=shell.variables(),
            stdout=printed,
            stderr=printed,
        )
    try:
        wait_for(shell.address, "/v1", log)
        yield Newcomer(shell, log.read_text("utf-8"))
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def wait_for(address: str, path: str, log: Path) -> None:
    for _ in range(900):
        try:
            urlopen(f"http://{address}{path}").close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(log.read_text("utf-8"))


def at_port(text: str, ember_port: object) -> str:
    """Return commands with another port for the application."""
    return text.replace("localhost:4200", f"localhost:{ember_port}")


def shown(language: str) -> list[str]:
    return [block.text for block in BLOCKS if block.language == language]


def test_the_first_start_prints_what_the_page_shows(newcomer: Newcomer) -> None:
    (expected,) = shown("console")
    for line in filter(None, expected.splitlines()):
        # A secret is shown by its beginning.
        beginning = newcomer.shell.for_here(line).partition("…")[0]
        assert beginning in newcomer.printed, line


@pytest.fixture(scope="module")
def answers(newcomer: Newcomer) -> list[tuple[int, str]]:
    """The answers to the picture that the page sends, and to the text that claims to be one."""
    done = newcomer.shell.run("\n".join([TOKEN, *SENDING[:NPX]]))
    assert done.returncode == 0, done.stderr
    return newcomer.shell.answers()


def test_a_picture_is_stored_and_a_text_that_claims_to_be_one_is_refused(
    answers: list[tuple[int, str]],
) -> None:
    (status, sent), (refused, error) = answers
    assert (status, refused) == (201, 422)
    attributes, problem = (json.loads(text) for text in shown("json"))
    for name, value in attributes.items():
        if name != "url":
            assert json.dumps({name: value})[1:-1].replace(": ", ":") in sent
    assert re.search(r'"url":"http://[^"]+/media/[0-9a-f-]{36}\.png"', sent)
    for name, value in problem["errors"][0].items():
        assert f'"{name}":"{value}"' in error


@pytest.mark.usefixtures("answers")
def test_the_admin_signs_in_as_printed_and_sees_the_picture(
    newcomer: Newcomer, browser: Browser
) -> None:
    password = re.search(r"^  password +(\S+)$", newcomer.printed, re.MULTILINE)
    assert password
    page = browser.new_page()
    page.goto(f"http://{newcomer.shell.address}/admin/")
    sign_in(page, password[1])
    expect(page.get_by_text("Sign out")).to_be_visible()
    page.goto(f"http://{newcomer.shell.address}/admin/uploads/")
    expect(page.get_by_role("link", name="sun.png")).to_be_visible()
    page.close()


@pytest.fixture
def gallery(newcomer: Newcomer) -> Iterator[str]:
    """The address of the application, made and started by the page's commands."""
    node_with_packages(EMBER)
    shell = newcomer.shell
    log = shell.folder / "ember.log"
    with log.open("w") as printed:
        process = start(
            ["/bin/bash", "-c", shell.script("\n".join([TOKEN, *SENDING[NPX:]]))],
            cwd=shell.folder,
            env=shell.variables(),
            stdout=printed,
            stderr=printed,
        )
    try:
        port = shell.environment["EMBER_PORT"]
        wait_for(f"localhost:{port}", "/", log)
        yield f"http://localhost:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def test_the_application_sends_pictures_and_shows_them(gallery: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 800, "height": 420})
    # The first time, Vite bundles what the application needs.
    page.goto(gallery, timeout=120_000)
    field = page.get_by_label("Add a picture")
    expect(field).to_be_visible(timeout=120_000)
    for number, colours in enumerate((("#9cc5d9", "#f4d58d"), ("#264653", "#e76f51")), 1):
        content = landscape(*colours, size=(640, 427))
        field.set_input_files({"name": "stage.jpg", "mimeType": "image/jpeg", "buffer": content})
        expect(page.locator("img")).to_have_count(number)
    is_loaded = "[...document.images].every(each => each.naturalWidth == 640)"
    page.wait_for_function(is_loaded)
    take_picture(page, "gallery.png")
    page.close()
