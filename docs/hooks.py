"""Complete the site: what pages link to outside `docs/`, its icon, and its menu of versions.

What pages link to outside `docs/` is put on the site too, below `project/`.

Pages are also read on a code host, so their links are paths in the repository: the changelog, an
example, a configuration. Nothing outside is linked by an address, so a site shows the files of its
own version.
"""

import os
import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
OUTSIDE = "project/"
# That of the pages for admins.
ICON = ROOT / "open_event_uploads/admin/static/icon.svg"

_LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)#\s]+)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Show the menu of versions where `mike` builds one; elsewhere it has nothing to list."""
    if "MIKE_DOCS_VERSION" in os.environ:
        config.extra["version"] = {"provider": "mike"}
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the icon, the files outside `docs/` that a page names, and those that they name."""
    files.append(File.generated(config, "icon.svg", abs_src_path=str(ICON)))
    pages = [f"docs/{file.src_uri}" for file in files.documentation_pages()]
    known = set(pages)
    while pages:
        for path in _linked_files(pages.pop()):
            if not path.startswith("docs/") and path not in known:
                known.add(path)
                pages.append(path)
                files.append(_outside_file(path, config))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite links between `docs/` and the rest of the repository."""
    del config, files
    here = page.file.src_uri
    path = here.removeprefix(OUTSIDE).removesuffix(_suffix_of_text(here))
    folder = posixpath.dirname(path if here.startswith(OUTSIDE) else f"docs/{path}")
    start = posixpath.dirname(here)

    def rewrite(link: re.Match[str]) -> str:
        return posixpath.relpath(_site_path(_target(folder, link[1])), start or ".")

    return _outside_code(markdown, lambda text: _LINK.sub(rewrite, text))


def _linked_files(path: str) -> Iterator[str]:
    if path.endswith(".md"):
        folder = posixpath.dirname(path)
        for link in _LINK.findall((ROOT / path).read_text("utf-8")):
            yield _target(folder, link)


def _target(folder: str, link: str) -> str:
    """Return the path in the repository that a link in this folder leads to."""
    path = posixpath.normpath(posixpath.join(folder, link))
    readme = f"{path}/README.md"
    return readme if (ROOT / readme).is_file() else path


def _site_path(path: str) -> str:
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return OUTSIDE + (path if path.endswith(".md") else f"{path}.md")


def _suffix_of_text(src_uri: str) -> str:
    """Return `.md` where it was added to the name of a file that is no page itself."""
    is_text = src_uri.startswith(OUTSIDE) and not (ROOT / src_uri.removeprefix(OUTSIDE)).exists()
    return ".md" if is_text else ""


def _outside_file(path: str, config: MkDocsConfig) -> File:
    text = (ROOT / path).read_text("utf-8")
    if not path.endswith(".md"):
        language = {"conf": "nginx"}.get(path.rpartition(".")[2], path.rpartition(".")[2])
        text = f"# `{path}`\n\n````{language}\n{text}````\n"
    return File.generated(
        config, _site_path(path), content=text, inclusion=InclusionLevel.NOT_IN_NAV
    )


def _outside_code(markdown: str, change: Callable[[str], str]) -> str:
    """Change what stands outside fenced blocks."""
    parts = re.split(r"(^ *```.*?^ *```)", markdown, flags=re.DOTALL | re.MULTILINE)
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))
