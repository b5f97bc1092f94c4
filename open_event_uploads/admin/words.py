"""Numbers and times as people say them."""

from datetime import datetime

from open_event_uploads.database.types import now

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_THOUSAND = 1000
# Below ten, a digit more says something.
_FEW = 10

# From how many seconds on an age is told in which unit.
_AGES = (
    (365 * 86400, "year"),
    (30 * 86400, "month"),
    (86400, "day"),
    (3600, "hour"),
    (60, "minute"),
)


def file_size(size: int) -> str:
    """`1.4 MB`: decimal units (IEC 80000-13), as the size filter reads them.

    Args:
        size: bytes.
    """
    amount, unit = float(size), 0
    # What would be rounded to a thousand is one of the next unit.
    while round(amount) >= _THOUSAND and unit < len(_UNITS) - 1:
        amount, unit = amount / _THOUSAND, unit + 1
    if unit == 0:
        return "1 byte" if size == 1 else f"{size} bytes"
    return f"{amount:.1f} {_UNITS[unit]}" if amount < _FEW else f"{amount:.0f} {_UNITS[unit]}"


def age(then: datetime) -> str:
    """`3 days ago`."""
    seconds = (now() - then).total_seconds()
    for length, unit in _AGES:
        if seconds >= length:
            return f"{counted(int(seconds // length), unit)} ago"
    return "just now"


def counted(count: int, noun: str) -> str:
    """`1 day`, `2 days`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
