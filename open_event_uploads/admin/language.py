"""Choose the language of a page: the chosen one, else what the browser prefers, else English."""

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from open_event_uploads.admin.urls import page_url
from open_event_uploads.context import current_settings
from open_event_uploads.current import current_g, current_request

_COOKIE = "uploads_language"
_LIFETIME = 365 * 86400


@dataclass(frozen=True, slots=True)
class Language:
    """Describe a language of the pages.

    Args:
        code: its tag (BCP 47), and the name of its catalogue.
        name: what its speakers call it.
        thousands: separates groups of three digits.
        decimal: separates the decimal places.
        day: the format of a date, as of `strftime`.
        moment: the format of a time in UTC.
    """

    code: str
    name: str
    thousands: str
    decimal: str
    day: str
    moment: str


ENGLISH = Language("en", "English", ",", ".", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S UTC")
GERMAN = Language("de", "Deutsch", ".", ",", "%d.%m.%Y", "%d.%m.%Y, %H:%M:%S UTC")
LANGUAGES = {each.code: each for each in (ENGLISH, GERMAN)}


def current_language() -> Language:
    """Return the language of the request under way."""
    g = current_g()
    if "admin_language" not in g:
        g.admin_language = _choose()
    return cast("Language", g.admin_language)


def set_language_cookie(response: Response, code: str) -> None:
    """Remember the language that somebody chose; do nothing if there is no such language."""
    if code in LANGUAGES:
        response.set_cookie(
            _COOKIE,
            code,
            max_age=_LIFETIME,
            path=page_url("admin.index"),
            secure=urlsplit(current_settings().public_url).scheme == "https",
            httponly=True,
            samesite="Lax",
        )


def _choose() -> Language:
    request = current_request()
    chosen = LANGUAGES.get(request.cookies.get(_COOKIE, ""))
    if chosen is not None:
        return chosen
    # The library's own choice would prefer `de;q=0.1` to `en-GB`.
    # A language of quality 0 is one that is not wanted (RFC 9110, section 12.4.2).
    wanted = (tag for tag, quality in request.accept_languages if quality > 0)
    preferred = (tag.partition("-")[0].lower() for tag in wanted)
    return next((LANGUAGES[code] for code in preferred if code in LANGUAGES), ENGLISH)
