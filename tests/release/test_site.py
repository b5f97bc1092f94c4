"""The site of the documentation, as `make docs` builds it: whole, without a warning, by itself."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.release.site import SitePage, build_site, is_elsewhere

pytestmark = pytest.mark.default_stack("pages are the same")

# Of one page and all that it loads, without compression; Material's own part is 340 KB.
LARGEST_TEXT = 900_000


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the site, and what the build printed."""
    folder = tmp_path_factory.mktemp("site")
    return folder, build_site(folder)


@pytest.fixture(scope="session")
def pages(built: tuple[Path, str]) -> dict[Path, SitePage]:
    found = {path: SitePage(path) for path in built[0].rglob("*.html")}
    # It names its files from the root, where the site need not be.
    found.pop(built[0] / "404.html")
    assert len(found) > 20
    return found


def test_make_docs_warns_of_nothing(built: tuple[Path, str]) -> None:
    lines = built[1].splitlines()
    assert [line for line in lines if not line.startswith("INFO ")] == []


def test_every_link_leads_to_a_page_and_a_heading_of_it(
    built: tuple[Path, str], pages: dict[Path, SitePage]
) -> None:
    for path, page in pages.items():
        for link in page.links:
            if not is_elsewhere(link):
                found, anchor = page.target(link, built[0])
                assert found.is_file(), (path, link)
                known = pages[found].anchors if found in pages else set()
                assert not anchor or anchor in known, (path, link)


def test_links_elsewhere_are_whole_addresses(pages: dict[Path, SitePage]) -> None:
    local = re.compile(r"http://(127\.0\.0\.1|localhost)(:\d+)?(/|$)")
    for path, page in pages.items():
        for link in filter(is_elsewhere, page.links):
            assert local.match(link) or re.fullmatch(r"https://[\w.-]+\.\w+(/\S*)?", link), (
                path,
                link,
            )


def test_a_page_loads_nothing_from_elsewhere(
    built: tuple[Path, str], pages: dict[Path, SitePage]
) -> None:
    for path, page in pages.items():
        for name in page.loaded:
            assert not is_elsewhere(name), (path, name)
            assert page.target(name, built[0])[0].exists(), (path, name)


def test_a_page_has_one_title_and_no_heading_twice(pages: dict[Path, SitePage]) -> None:
    titles = Counter(page.headings[0] for page in pages.values())
    # The site and the README begin with the name.
    assert [title for title, number in titles.items() if number > 1] == ["Open Event Uploads"]
    for path, page in pages.items():
        # A changelog repeats "Added" for each version.
        if path.parent.name != "CHANGELOG":
            assert max(Counter(page.headings).values()) == 1, path


def test_lists_tables_and_blocks_are_read_as_such(pages: dict[Path, SitePage]) -> None:
    """MkDocs wants an empty line before a list, and four spaces where a code host wants two."""
    raw = re.compile(r"(?:^|\n)\s*(?:[-*|] |\d+\. |#+ )|```|\]\(|\*\*")
    for path, page in pages.items():
        assert [text for text in page.paragraphs if raw.search(text)] == [], path


def test_a_page_is_small(built: tuple[Path, str], pages: dict[Path, SitePage]) -> None:
    for path, page in pages.items():
        loaded = {page.target(name, built[0])[0] for name in page.loaded}
        text = (each for each in loaded if each.suffix in {".css", ".js"})
        assert path.stat().st_size + sum(each.stat().st_size for each in text) < LARGEST_TEXT, path
