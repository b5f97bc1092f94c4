"""Read the query parameters `page[…]`: a page by number, or by cursor."""

import re
from dataclasses import dataclass

from open_event_uploads.errors import InvalidParameter, PageSizeExceeded
from open_event_uploads.jsonapi.cursor import Cursor, decode_cursor
from open_event_uploads.jsonapi.parameters import Family, spelled
from open_event_uploads.jsonapi.sort_key import Sorting

# Far beyond any collection, and small enough that the offset fits a database's integer.
_MAX_NUMBER = 10**9
_WHOLE_NUMBER = re.compile("0*[1-9][0-9]*")
_MAX_DIGITS = 15
_MEMBERS = ("number", "size", "after", "before")
_CURSORS = ("after", "before")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a collection, by its number from 1."""

    number: int = 1
    size: int = 1


@dataclass(frozen=True, slots=True)
class CursorPage:
    """One page of a collection, by its neighbours (Cursor Pagination profile).

    Args:
        size: resources on it at most.
        after: the page begins after this position.
        before: the page ends before this position; with `after`, it is the range between both.
    """

    size: int
    after: Cursor | None = None
    before: Cursor | None = None

    @property
    def reads_backwards(self) -> bool:
        """Return whether the page is counted from its end."""
        return self.before is not None and self.after is None

    @property
    def is_range(self) -> bool:
        """Return whether the page has a cursor at either end."""
        return self.before is not None and self.after is not None


@dataclass(frozen=True, slots=True)
class PageLimits:
    """The number of resources on a page: where no size is asked for, and at most."""

    default: int
    most: int


def has_cursor(family: Family) -> bool:
    """Return whether the `page` family names a cursor."""
    return any((name,) in family for name in _CURSORS)


def read_page(
    family: Family, limits: PageLimits, sorting: Sorting, *, by_cursor: bool
) -> Page | CursorPage:
    """Read the `page` family, of pages between cursors or of numbered ones.

    Raises:
        InvalidParameter: a member is unknown, has an invalid value, or excludes another.
    """
    for members in family:
        if len(members) != 1 or members[0] not in _MEMBERS:
            raise InvalidParameter(
                f"A page has {', '.join(_MEMBERS)}.", parameter=spelled("page", members)
            )
    size = _read_size(family, limits)
    if not by_cursor:
        return Page(_read_number(family), size or limits.default)
    if ("number",) in family:
        raise InvalidParameter(
            "Pages between cursors have no number; follow `links.next`.", parameter="page[number]"
        )
    cursors = {
        name: decode_cursor(family[name,], sorting, f"page[{name}]")
        for name in _CURSORS
        if (name,) in family
    }
    # A range is returned whole if it fits a page (the profile's default).
    default = limits.most if len(cursors) > 1 else limits.default
    return CursorPage(size or default, **cursors)


def _read_size(family: Family, limits: PageLimits) -> int | None:
    if ("size",) not in family:
        return None
    size = _whole_number(family["size",], "page[size]")
    PageSizeExceeded.raise_beyond(
        limits.most, size, f"A page holds {limits.most} resources at most.", parameter="page[size]"
    )
    return size


def _read_number(family: Family) -> int:
    if ("number",) not in family:
        return 1
    number = _whole_number(family["number",], "page[number]")
    InvalidParameter.raise_beyond(
        _MAX_NUMBER, number, f"Pages are counted to {_MAX_NUMBER}.", parameter="page[number]"
    )
    return number


def _whole_number(text: str, parameter: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(text):
        raise InvalidParameter("A whole number from 1 is needed.", parameter=parameter)
    # A longer number is too large anyway, and Python refuses to read very long ones.
    return int(text.lstrip("0")[:_MAX_DIGITS])
