"""Measure the pages for admins in Chromium, with many uploads: `python -m bench.admin_pages`.

Most rows are made by SQL; the newest uploads, which the first pages show, are real pictures.
"""

import random
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from pathlib import Path
from threading import Event
from typing import Any

import click
from playwright.sync_api import Browser, sync_playwright
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.many_rows import multiply
from bench.report import machine_facts, print_facts
from tests.chromium import launch_chromium
from tests.images import landscape
from tests.server import Server

EMAIL = "admin@localhost"
PAGES = {
    "overview": "/admin/",
    "grid of 20": "/admin/uploads/",
    "grid of 200": "/admin/uploads/?size=200",
    "list of 200": "/admin/uploads/?size=200&view=list",
    "words": "/admin/uploads/?q=picture",
    "users": "/admin/users/",
}
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 3,
        "is_mobile": True,
    },
}
_WIDTH = 110
_SEED = 20261129
_SIZES = ((1600, 1067), (1200, 1600), (1800, 900), (1200, 1200))
_OBSERVE = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
_MEASURE = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const loaded = performance.getEntriesByType("resource");
  const pictures = loaded.filter(({ name }) => name.includes("/media/"));
  return {
    answer: page.responseEnd,
    first: pictures.length && Math.min(...pictures.map(({ responseEnd }) => responseEnd)),
    pictures: pictures.length,
    kilobytes: [page, ...loaded].reduce((sum, each) => sum + each.transferSize, 0) / 1000,
    elements: document.querySelectorAll("*").length,
    shift: window.shift,
  };
}"""


@click.command()
@click.option("--pictures", default=1000, help="How many uploads are real pictures.")
@click.option("--rows", default=10_000, help="How many uploads there are in all.")
@click.option("--serve", is_flag=True, help="Print the address instead, and wait for Ctrl-C.")
def main(*, pictures: int, rows: int, serve: bool) -> None:
    """Fill a server, and print what each page costs a browser that has nothing of it yet."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        password = fill(folder, pictures, rows)
        server = Server(folder)
        try:
            if serve:
                print(f"{server.url}/admin/ {EMAIL} {password}", flush=True)
                Event().wait()
            _print(_measure(server, password))
            print_facts(machine_facts(folder))
        finally:
            server.stop()


def fill(folder: Path, pictures: int, rows: int) -> str:
    """Fill the database and the storage in a folder; return the password of its admin."""
    server = Server(folder)
    try:
        password = server.password
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(partial(_upload, server), range(pictures)))
    finally:
        server.stop()
    # These rows are older than the pictures, and have no files.
    multiply(folder / "data" / "uploads.db", rows - pictures)
    return password


def _upload(server: Server, number: int) -> None:
    source = random.Random(_SEED + number)  # noqa: S311 - the same each time, not a secret
    sky, sun = (f"#{source.randrange(0x606060, 0xFFFFFF):06x}" for _ in range(2))
    content = landscape(sky, sun, _SIZES[number % len(_SIZES)])
    name = {"Content-Disposition": f'file; filename="picture-{number:04}.jpg"'}
    status, answer = server.request("POST", "/v1/uploads", content, "image/jpeg", name)
    if status != HTTPStatus.CREATED:
        raise RuntimeError(answer.decode())


def _measure(server: Server, password: str) -> Iterator[tuple[str, str, dict[str, float]]]:
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        signed_in = _sign_in(browser, server, password)
        for screen, options in SCREENS.items():
            for name, address in PAGES.items():
                url = f"{server.url}{address}"
                # Sizes of a picture are made when somebody asks for them first.
                _open(browser, url, storage_state=signed_in, **options)
                yield screen, name, _open(browser, url, storage_state=signed_in, **options)
        browser.close()


def _sign_in(browser: Browser, server: Server, password: str) -> Any:  # noqa: ANN401 - Playwright's
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/admin/sign-in")
    page.locator("[name=email]").fill(EMAIL)
    page.locator("[name=password]").fill(password)
    page.locator(".fields button").click()
    page.wait_for_url("**/admin/")
    state = context.storage_state()
    context.close()
    return state


def _open(browser: Browser, url: str, **options: Any) -> dict[str, float]:  # noqa: ANN401 - Playwright's
    context = browser.new_context(**options)
    context.add_init_script(_OBSERVE)
    page = context.new_page()
    page.goto(url, wait_until="networkidle")
    found: dict[str, float] = page.evaluate(_MEASURE)
    context.close()
    return found


def _print(found: Iterable[tuple[str, str, dict[str, float]]]) -> None:
    table = Table("screen", "page", box=MARKDOWN)
    for title in ("answer ms", "first picture ms", "pictures", "kB", "elements", "shift"):
        table.add_column(title, justify="right")
    for screen, name, each in found:
        first = f"{each['first']:.0f}" if each["first"] else ""
        whole = (f"{each[key]:.0f}" for key in ("pictures", "kilobytes", "elements"))
        table.add_row(screen, name, f"{each['answer']:.0f}", first, *whole, f"{each['shift']:.3f}")
    Console(width=_WIDTH).print(table)


if __name__ == "__main__":
    main()
