"""Translate the texts of the pages with gettext; `make translations` renews the catalogues.

Mark a text where it stands: `gettext("…")` or `ngettext("…", "…", count)` in code, `_("…")` and
`ngettext` in a template. A text that is made before there is a request is marked with
`gettext_noop`, and translated where it is shown.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from markupsafe import Markup, escape

from open_event_uploads.admin.language import ENGLISH, current_language

FOLDER = Path(__file__).with_name("translations")
CATALOGUE = "LC_MESSAGES/messages"


def gettext(text: str, /, **values: object) -> str:
    """Return a text in the language of the page, with values in place of `%(name)s`."""
    translated = _load_catalogue(current_language().code).gettext(text)
    return translated % values if values else translated


def ngettext(singular: str, plural: str, num: int, /, **values: object) -> str:
    """Return the form of a text for a number, which stands in place of `%(num)s`."""
    catalogue = _load_catalogue(current_language().code)
    return catalogue.ngettext(singular, plural, num) % {"num": format_number(num), **values}


def gettext_noop(text: str) -> str:
    """Mark a text that is translated later."""
    return text


def translate_markup(text: str, /, **values: object) -> Markup:
    """Return `gettext` for a template: our texts may have tags, and values are escaped."""
    shown = {name: escape(value) for name, value in values.items()}
    return Markup(gettext(text, **shown))  # noqa: S704 - the texts are ours


def format_number(number: int) -> str:
    """Return a number with the separators of the language."""
    return f"{number:,}".replace(",", current_language().thousands)


@cache
def _load_catalogue(code: str) -> NullTranslations:
    if code == ENGLISH.code:
        return NullTranslations()
    with (FOLDER / code / f"{CATALOGUE}.mo").open("rb") as file:
        return GNUTranslations(file)
