"""Format numbers and times for people."""

from datetime import datetime

from open_event_uploads.database.types import now

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_THOUSAND = 1000
# Smaller amounts have a decimal place.
_TEN = 10

# The least age in seconds that is given in each unit.
_AGES = (
    (365 * 86400, "year"),
    (30 * 86400, "month"),
    (86400, "day"),
    (3600, "hour"),
    (60, "minute"),
)


def format_size(size: int) -> str:
    """Return a size as `1.4 MB`: in decimal units (IEC 80000-13), as the size filter reads them.

    Args:
        size: bytes.
    """
    amount, unit = float(size), 0
    # An amount that would be rounded to a thousand is one of the next unit.
    while round(amount) >= _THOUSAND and unit < len(_UNITS) - 1:
        amount, unit = amount / _THOUSAND, unit + 1
    if unit == 0:
        return "1 byte" if size == 1 else f"{size} bytes"
    return f"{amount:.1f} {_UNITS[unit]}" if amount < _TEN else f"{amount:.0f} {_UNITS[unit]}"


def format_age(then: datetime) -> str:
    """Return the time since then as `3 days ago`."""
    seconds = (now() - then).total_seconds()
    for length, unit in _AGES:
        if seconds >= length:
            return f"{format_count(int(seconds // length), unit)} ago"
    return "just now"


def format_count(count: int, noun: str) -> str:
    """Return a number with its noun: `1 day`, `2 days`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
