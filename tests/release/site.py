"""Build the site, and read its pages: what they link to, and what they load."""

import os
import re
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from tests.commands import run_command
from tests.documentation import ROOT

# What a browser fetches by itself.
_LOADED = {
    *(("img", "src"), ("script", "src"), ("link", "href")),
    *(("source", "srcset"), ("iframe", "src"), ("object", "data")),
}
_HEADINGS = {"h1", "h2", "h3", "h4"}


@dataclass
class SitePage(HTMLParser):
    """Read one page.

    Args:
        path: of its file.
    """

    path: Path
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    headings: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Parse the file."""
        super().__init__()
        self.feed(self.path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the element names, and where it may be linked to."""
        for name, value in attrs:
            if value and (tag, name) == ("a", "href"):
                self.links.append(value)
            if value and (tag, name) in _LOADED:
                self.loaded.append(value)
            if value and name == "id":
                self.anchors.add(value)
        if tag in _HEADINGS:
            self.headings.append("")
        if tag in {"p", "li"}:
            self.paragraphs.append("")
        if tag in {*_HEADINGS, "p", "li", "code", "pre", "article", "a"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element, and what was left open in it."""
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Add text to the heading or paragraph that it stands in."""
        if "article" not in self._open:
            return
        if _HEADINGS & set(self._open):
            # Below a heading's own text stands the sign that links to it.
            self.headings[-1] += "" if self._open[-1] == "a" else data
        elif self.paragraphs and not {"code", "pre"} & set(self._open):
            self.paragraphs[-1] += data

    def target(self, link: str, site: Path) -> tuple[Path, str]:
        """Return the file that a link leads to, and the anchor in it."""
        address, anchor = urldefrag(link)
        path = unquote(urlsplit(address).path)
        start = site if path.startswith("/") else self.path.parent
        found = start / path.lstrip("/") if path else self.path
        file = found / "index.html" if found.is_dir() else found
        return file.resolve(), unquote(anchor)


def is_elsewhere(link: str) -> bool:
    """Return whether a link leads out of the site."""
    parts = urlsplit(link)
    return bool(parts.scheme or parts.netloc)


def build_site(folder: Path) -> str:
    """Build the site into a folder as `make docs` does, and return what that printed."""
    recipe = re.search(r"^docs: .*\n\t(.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert recipe
    command = recipe[1].replace("$(BIN)/python", f'"{sys.executable}"')
    done = run_command(
        *("/bin/sh", "-c", f'{command} --site-dir "{folder}"'),
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "default"},
    )
    return done.stdout + done.stderr
