"""Format numbers and times for people, in the language of the page."""

from datetime import date, datetime

from open_event_uploads.admin.language import current_language
from open_event_uploads.admin.translate import gettext, ngettext
from open_event_uploads.database.types import now

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_THOUSAND = 1000
# Smaller amounts have a decimal place.
_TEN = 10


def format_size(size: int) -> str:
    """Return a size as `1.4 MB`: in decimal units (IEC 80000-13), as the size filter reads them.

    It has no separator between thousands and at most one decimal place, so nobody can take one for
    the other. `formatSize` in `static/texts.js` writes the same.

    Args:
        size: bytes.
    """
    unit, factor = 0, 1
    # An amount that would be rounded to a thousand is one of the next unit.
    while _divide(size, factor) >= _THOUSAND and unit < len(_UNITS) - 1:
        unit, factor = unit + 1, factor * _THOUSAND
    if unit == 0:
        return ngettext("%(num)s byte", "%(num)s bytes", size)
    whole, tenth = divmod(_divide(10 * size, factor), 10)
    if whole >= _TEN:
        return f"{_divide(size, factor)} {_UNITS[unit]}"
    return f"{whole}{current_language().decimal}{tenth} {_UNITS[unit]}"


def _divide(amount: int, by: int) -> int:
    """Return the quotient of whole numbers, rounded half up as `Math.round` does."""
    return (2 * amount + by) // (2 * by)


def format_age(then: datetime) -> str:
    """Return the time since then as `3 days ago`."""
    seconds = int((now() - then).total_seconds())
    if (years := seconds // (365 * 86400)) > 0:
        return ngettext("%(num)s year ago", "%(num)s years ago", years)
    if (months := seconds // (30 * 86400)) > 0:
        return ngettext("%(num)s month ago", "%(num)s months ago", months)
    if (days := seconds // 86400) > 0:
        return ngettext("%(num)s day ago", "%(num)s days ago", days)
    if (hours := seconds // 3600) > 0:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", hours)
    if (minutes := seconds // 60) > 0:
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", minutes)
    return gettext("just now")


def format_day(day: date) -> str:
    """Return a date, as `2026-11-23`."""
    return day.strftime(current_language().day)


def format_moment(then: datetime) -> str:
    """Return a time in UTC, to the second."""
    return then.strftime(current_language().moment)
