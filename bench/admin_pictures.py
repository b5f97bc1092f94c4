"""Show the pages for admins beside those of Directus: `python -m bench.admin_pictures FOLDER`.

Both have the same pictures. Each screenshot in the folder has ours on the left.
"""

import io
import json
import tempfile
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import click
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from bench.admin_pages import EMAIL
from bench.directus import directus
from tests.chromium import launch_chromium
from tests.images import landscape
from tests.server import Server

_SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
# Of one of the two on a screenshot, in pixels.
_HEIGHT = 460
_GAP = 12
_COLOURS = 96
_SKIES = ("#9cc5d9", "#f2c6a0", "#b8a9c9", "#8fbf9f", "#e9d8a6", "#d9a5a5", "#a3b18a", "#bcd4e6")
_SUNS = ("#f4d58d", "#e76f51", "#ffffff")
_NAMES = ("main-stage", "keynote", "workshop", "badge", "crowd", "sponsors", "garden", "finale")
_SIZES = ((1600, 1067), (900, 1200), (1500, 700))
_COUNT = 48
_WAIT = 6000  # ms
_DIRECTUS_EMAIL = "bench@example.com"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
def main(*, folder: Path) -> None:
    """Start both, and write a screenshot of the grid for each kind of screen."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        for part in ("ours", "theirs"):
            (Path(name) / part).mkdir()
        ours = _shoot_ours(browser, Path(name) / "ours")
        theirs = _shoot_theirs(browser, Path(name) / "theirs")
        for screen in _SCREENS:
            _join(ours[screen], theirs[screen]).save(
                folder / f"beside-directus-{screen}.png", optimize=True
            )


def _pictures() -> Iterator[tuple[str, bytes, str]]:
    """Return names, files and alt texts; every fourth has none."""
    for n in range(_COUNT):
        name = _NAMES[n % 8]
        content = landscape(_SKIES[n % 8], _SUNS[n % 3], _SIZES[n % 3])
        yield f"{name}-{n // 8 + 1}.jpg", content, f"Hills under a sun, {name}" if n % 4 else ""


def _shoot_ours(browser: Browser, folder: Path) -> dict[str, bytes]:
    server = Server(folder, rate_limits="off")
    try:
        for name, content, alt in _pictures():
            parts = {"filename": name, "alt": alt}
            answer = server.exchange("POST", "/v1/uploads", *_form(name, content, parts))
            _expect(answer.status, answer.content)
        sign_in = (f"{server.url}/admin/sign-in", EMAIL, server.password)
        return _shoot(browser, sign_in, f"{server.url}/admin/uploads/")
    finally:
        server.stop()


def _shoot_theirs(browser: Browser, folder: Path) -> dict[str, bytes]:
    with directus(folder) as server:
        url, password = f"http://127.0.0.1:{server.port}", uuid.uuid4().hex
        server.wait_for(lambda: _ask(server.port, "GET", "/server/ping"))
        token = {"Authorization": f"Bearer {server.token()}"}
        for name, content, alt in _pictures():
            body, type_ = _form(name, content, {"title": name, "description": alt})
            _ask(server.port, "POST", "/files", body, {**token, "Content-Type": type_})
        change = json.dumps({"password": password}).encode()
        json_type = {**token, "Content-Type": "application/json"}
        _ask(server.port, "PATCH", "/users/me", change, json_type)
        sign_in = (f"{url}/admin/login", _DIRECTUS_EMAIL, password)
        return _shoot(browser, sign_in, f"{url}/admin/files")


def _form(name: str, content: bytes, texts: dict[str, str]) -> tuple[bytes, str]:
    """Return the body of a form and its media type."""
    edge = uuid.uuid4().hex
    start = f"--{edge}\r\nContent-Disposition: form-data; name="
    fields = "".join(f'{start}"{key}"\r\n\r\n{text}\r\n' for key, text in texts.items())
    head = f'{fields}{start}"file"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
    return body, f"multipart/form-data; boundary={edge}"


def _ask(
    port: int,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    _expect(answer.status, answer.read())
    connection.close()


def _expect(status: int, content: bytes) -> None:
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise RuntimeError(content.decode())


def _shoot(browser: Browser, sign_in: tuple[str, str, str], url: str) -> dict[str, bytes]:
    """Return a screenshot of a page for each screen, once its pictures are there."""
    entrance, email, password = sign_in
    shots = {}
    for screen, options in _SCREENS.items():
        context = browser.new_context(**options)
        page = context.new_page()
        page.goto(entrance, wait_until="networkidle")
        page.locator("input[type=email]").fill(email)
        page.locator("input[type=password]").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_function("path => location.pathname !== path", arg=_path(entrance))
        # The first time the sizes of the pictures are made, and some come too late.
        for _ in range(2):
            page.goto(url, wait_until="networkidle")
            page.wait_for_timeout(_WAIT)
        shots[screen] = page.screenshot()
        context.close()
    return shots


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def _join(left: bytes, right: bytes) -> Image.Image:
    pictures = []
    for each in (left, right):
        picture = Image.open(io.BytesIO(each)).convert("RGB")
        width = round(picture.width * _HEIGHT / picture.height)
        pictures.append(picture.resize((width, _HEIGHT), Image.Resampling.LANCZOS))
    width = sum(each.width for each in pictures) + _GAP
    joined = Image.new("RGB", (width, _HEIGHT), "#808080")
    joined.paste(pictures[0], (0, 0))
    joined.paste(pictures[1], (pictures[0].width + _GAP, 0))
    return joined.quantize(_COLOURS)


if __name__ == "__main__":
    main()
