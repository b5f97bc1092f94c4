"""Read, renew and compile the catalogue of a language."""

from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from open_event_uploads.admin.language import ENGLISH, LANGUAGES
from open_event_uploads.admin.translate import CATALOGUE, FOLDER
from tests.translations.texts import find_texts

CODES = tuple(code for code in LANGUAGES if code != ENGLISH.code)


def source_path(code: str) -> Path:
    """Return the path of what translators edit."""
    return FOLDER / code / f"{CATALOGUE}.po"


def compiled_path(code: str) -> Path:
    """Return the path of what the server reads."""
    return FOLDER / code / f"{CATALOGUE}.mo"


def read_source(code: str) -> Catalog:
    """Return the catalogue that translators edit; an empty one for a new language."""
    path = source_path(code)
    if not path.exists():
        return Catalog(locale=code, domain="messages")
    with path.open("rb") as file:
        return read_po(file, locale=code, domain="messages")


def read_compiled(code: str) -> Catalog:
    """Return the catalogue that the server reads."""
    with compiled_path(code).open("rb") as file:
        return read_mo(file)


def is_translated(message: Message) -> bool:
    """Return whether a message has a translation in every plural form."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(forms)


def renew(code: str) -> Catalog:
    """Add new texts to a catalogue, remove those that are gone, and compile it."""
    catalogue, texts = read_source(code), find_texts()
    # The file changes with its texts alone.
    texts.creation_date = catalogue.creation_date
    catalogue.update(texts, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    source_path(code).parent.mkdir(parents=True, exist_ok=True)
    with source_path(code).open("wb") as file:
        write_po(file, catalogue, sort_output=True, include_lineno=False, width=100)
    with compiled_path(code).open("wb") as file:
        write_mo(file, catalogue)
    return catalogue
