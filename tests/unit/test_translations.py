"""Every text of the admin pages is marked, and has a translation in every language."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog, Message

from open_event_uploads.admin.script_texts import TEXTS
from tests.translations.catalogues import CODES, is_translated, read_compiled, read_source
from tests.translations.texts import PACKAGE, PAGES, find_texts

every_language = pytest.mark.parametrize("code", CODES)
SCRIPTS = sorted((PACKAGE / "admin" / "static").glob("*.js"))

# Parts of a template that are not shown as they stand.
_JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
_READ_ALOUD = {"alt", "aria-label", "placeholder", "title", "aria-description"}
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%(?!\()")
_TAG = re.compile(r"</?\w+[^>]*>")


class _Texts(HTMLParser):
    """Collects the words in a template that people see or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag
        self.found += [value or "" for name, value in attrs if name in _READ_ALOUD]


def messages(catalogue: Catalog) -> list[Message]:
    return [each for each in catalogue if each.id]


def ids(catalogue: Catalog) -> set[tuple[str, ...]]:
    return {forms(each.id) for each in messages(catalogue)}


def forms(text: Any) -> tuple[str, ...]:  # noqa: ANN401 - Babel's
    return (text,) if isinstance(text, str) else tuple(text)


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.html")), ids=lambda path: path.name)
def test_a_template_has_no_word_that_is_not_marked(path: Path) -> None:
    parser = _Texts()
    parser.feed(_JINJA.sub(" ", path.read_text("utf-8")))
    words = {word for text in parser.found for word in re.findall(r"[^\W\d_]{2,}", text)}
    assert words == set()


def test_a_script_takes_its_texts_from_the_page() -> None:
    used = set[str]()
    for path in SCRIPTS:
        code = re.sub(r"^\s*//.*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
        quoted = [text for pair in re.findall(r'"([^"\n]*)"|`([^`]*)`', code) for text in pair]
        # A sentence begins with a capital letter or has several words.
        bare = [text for text in quoted if re.search(r"[a-z]{3,} [a-z]{2,}[a-z. ]*$", text)]
        assert [text for text in bare if not text.startswith("unfinished uploads of")] == [], path
        used |= set(re.findall(r'"([a-z-]+)"', code))
    assert set(TEXTS) <= used


@every_language
def test_a_catalogue_has_every_text_and_no_other(code: str) -> None:
    assert ids(read_source(code)) == ids(find_texts()), "run `make translations`"


@every_language
def test_what_the_server_reads_is_what_translators_wrote(code: str) -> None:
    written = {forms(each.id): forms(each.string) for each in messages(read_source(code))}
    compiled = {forms(each.id): forms(each.string) for each in messages(read_compiled(code))}
    assert compiled == written, "run `make translations`"


@every_language
def test_every_text_is_translated_for_certain(code: str) -> None:
    catalogue = read_source(code)
    assert [each.id for each in messages(catalogue) if not is_translated(each)] == []
    assert [each.id for each in messages(catalogue) if each.fuzzy] == []


@every_language
def test_a_translation_has_the_values_and_the_tags_of_its_text(code: str) -> None:
    for message in messages(read_source(code)):
        for text in forms(message.string):
            first = forms(message.id)[0]
            for part in (_PLACEHOLDER, _TAG):
                assert sorted(part.findall(text)) == sorted(part.findall(first)), message.id
            # It may stand in an attribute.
            assert '"' not in _TAG.sub("", text), message.id
