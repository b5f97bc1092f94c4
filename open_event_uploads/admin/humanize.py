"""Write numbers and times for people."""

from datetime import datetime

from open_event_uploads.database.types import now

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_THOUSAND = 1000
# Smaller amounts have a decimal.
_FEW = 10

# Seconds from which an age is written in a unit.
_AGES = (
    (365 * 86400, "year"),
    (30 * 86400, "month"),
    (86400, "day"),
    (3600, "hour"),
    (60, "minute"),
)


def file_size(size: int) -> str:
    """Return a size such as `1.4 MB`, in the decimal units (IEC 80000-13) of the size filter.

    Args:
        size: in bytes.
    """
    amount, unit = float(size), 0
    # An amount that would be rounded to 1000 becomes 1 of the next unit.
    while round(amount) >= _THOUSAND and unit < len(_UNITS) - 1:
        amount, unit = amount / _THOUSAND, unit + 1
    if unit == 0:
        return "1 byte" if size == 1 else f"{size} bytes"
    return f"{amount:.1f} {_UNITS[unit]}" if amount < _FEW else f"{amount:.0f} {_UNITS[unit]}"


def age(then: datetime) -> str:
    """Return the time since a moment, such as `3 days ago`."""
    seconds = (now() - then).total_seconds()
    for length, unit in _AGES:
        if seconds >= length:
            return f"{counted(int(seconds // length), unit)} ago"
    return "just now"


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, such as `1 day` or `2 days`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
