"""docs/how-to/ember.md: what a newcomer copies from it runs in a new application."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Serve, listed, sign_in
from tests.browser.ember_example import EMBER, build_with_packages_of_example, point_at
from tests.images import landscape
from tests.machine import node_with_packages
from tests.server import Server

PAGE = Path(__file__).parents[2] / "docs/how-to/ember.md"
# Where a file of the blueprint gets a part, instead of being written.
PLACES = {
    "app/router.js": "Router.map(function () {});\n",
    "config/environment.js": "    locationType: 'history',\n",
}
# Smaller than in the example, which has more components and more styles.
OF_THE_PAGE = {"app/templates/index.gjs", "app/styles/app.css"}
# Of the second part of the page.
LATER = {"app/services/resumable.js"}


def shown() -> dict[str, str]:
    """Return each file or part of the page by the path that the text before it names last."""
    found = {}
    pieces = re.split(r"^```(\w*)\n(.*?)^```$", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    for text, language, code in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=False):
        if language != "sh":
            path = re.findall(r"`((?:app|config)/[\w/-]+\.\w+)`", text)[-1]
            assert path not in found
            found[path] = code
    return found


def test_the_page_shows_the_files_of_the_example() -> None:
    files = shown()
    assert files.keys() >= PLACES.keys() | OF_THE_PAGE | LATER
    for path, code in files.items():
        if path not in OF_THE_PAGE:
            example = (EMBER / path).read_text()
            assert (code in example) if path in PLACES else (code == example), path


def make_application(folder: Path) -> Path:
    """Do what the page says, with the packages that the example has installed already."""
    node = node_with_packages(EMBER)
    packages = EMBER / "node_modules"
    words = re.search(r"^npx ember-cli@([\d.]+) (new gallery .*)$", PAGE.read_text(), re.MULTILINE)
    assert words
    assert f'"version": "{words[1]}"' in (packages / "ember-cli/package.json").read_text()
    subprocess.run(  # noqa: S603 - the CLI of the example
        [node, packages / "ember-cli/bin/ember", *words[2].split(), "--skip-npm", "--skip-git"],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=120,
    )
    application = folder / "gallery"
    (application / "node_modules").symlink_to(packages)
    for path, code in shown().items():
        if path not in LATER:
            write(application, path, code)
    return application


def write(application: Path, path: str, code: str) -> None:
    """Write a file, or put a part into one that the blueprint made."""
    target = application / path
    if place := PLACES.get(path):
        text = target.read_text()
        assert text.count(place) == 1
        # The map of routes is replaced; the setting comes after the line.
        target.write_text(text.replace(place, code if path == "app/router.js" else place + code))
    else:
        target.parent.mkdir(exist_ok=True)
        target.write_text(code)


@pytest.mark.server
@pytest.mark.slow
def test_what_the_page_shows_is_a_gallery_in_a_new_application(
    open_page: OpenPage, serve: Serve, tmp_path: Path, complaints: list[str]
) -> None:
    page = build_with_packages_of_example(make_application(tmp_path), tmp_path / "built")
    # The blueprint has no icon, which every browser asks for.
    (page.parent / "favicon.ico").touch()
    origin = serve(page.parent)
    server = Server(tmp_path, cors_origins=origin)
    try:
        point_at(page, server.url)
        window = open_page(origin)
        sign_in(window, server.password)
        picture = window.get_by_label("Picture", exact=True)
        hills = landscape("#9cc5d9", "#f4d58d")
        for content, name in ((b"Not a picture", "a.jpg"), (hills, "hills.jpg")):
            picture.set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": content})
            window.get_by_label("Alt text").fill("Hills")
            window.get_by_role("button", name="Upload").click()
            if content != hills:
                expect(window.get_by_role("alert").first).to_contain_text("not an image")
                assert "422" in complaints.pop()
        image = window.get_by_role("img", name="Hills")
        image.evaluate("image => image.decode()")
        assert "/media/variants/" in image.evaluate("image => image.currentSrc")
        window.reload()
        expect(image).to_have_count(1)
        assert len(listed(server)) == 1
    finally:
        server.stop()
