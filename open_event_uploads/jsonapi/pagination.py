"""Parts of a collection, by number or by cursor, and the links between them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from open_event_uploads.errors import InvalidParameter, PageSizeExceeded
from open_event_uploads.jsonapi.cursor import Cursor, decode_cursor, encode_cursor
from open_event_uploads.jsonapi.parameters import Family, Sent, spelled

if TYPE_CHECKING:
    from open_event_uploads.jsonapi.query import SortKey

# Far beyond any collection, and small enough that the offset fits a database's integer.
_MAX_NUMBER = 10**9
_WHOLE_NUMBER = re.compile("0*[1-9][0-9]*")
_MAX_DIGITS = 15
_MEMBERS = ("number", "size", "after", "before")

# As `address` writes it.
_NUMBER = "page%5Bnumber%5D="

Links = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a collection, by its number.

    Args:
        number: counted from 1.
        size: resources on it.
    """

    number: int = 1
    size: int = 1


@dataclass(frozen=True, slots=True)
class CursorPage:
    """One page of a collection, by its neighbours (Cursor Pagination profile).

    Args:
        size: resources on it at most.
        after: the page begins behind this place.
        before: the page ends before this place; with `after`, the range between them is meant.
    """

    size: int
    after: Cursor | None = None
    before: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many resources a page may hold.

    Args:
        default: when the client does not say.
        most: what it may say.
    """

    default: int
    most: int


def read_page(
    family: Family, limits: Limits, sorting: "tuple[SortKey, ...]", *, by_cursor: bool
) -> Page | CursorPage:
    """Read the `page` family.

    Args:
        family: as sent.
        limits: of the size.
        sorting: what a cursor must belong to.
        by_cursor: whether the request names the profile, so that even its first page has cursors.

    Raises:
        InvalidParameter: an unknown member, a bad value, or members that exclude each other.
    """
    for members in family:
        if len(members) != 1 or members[0] not in _MEMBERS:
            raise InvalidParameter(
                f"A page has {', '.join(_MEMBERS)}.", parameter=spelled("page", members)
            )
    size = _read_size(family, limits)
    cursors = {
        name: decode_cursor(family[name,], sorting, f"page[{name}]")
        for name in ("after", "before")
        if (name,) in family
    }
    if ("number",) not in family:
        if not cursors and not by_cursor:
            return Page(1, size or limits.default)
        # A range is given whole where it fits a page (the profile's default for it).
        default = limits.most if len(cursors) > 1 else limits.default
        return CursorPage(size or default, **cursors)
    if cursors:
        raise InvalidParameter(
            "A page has a number or cursors, not both.", parameter="page[number]"
        )
    return Page(_read_number(family), size or limits.default)


def _read_size(family: Family, limits: Limits) -> int | None:
    if ("size",) not in family:
        return None
    size = _whole_number(family["size",], "page[size]")
    if size > limits.most:
        raise PageSizeExceeded(
            f"A page holds {limits.most} resources at most.",
            parameter="page[size]",
            limit=limits.most,
            actual=size,
        )
    return size


def _read_number(family: Family) -> int:
    number = _whole_number(family["number",], "page[number]")
    if number > _MAX_NUMBER:
        raise InvalidParameter(
            f"Pages are counted to {_MAX_NUMBER}.",
            parameter="page[number]",
            limit=_MAX_NUMBER,
            actual=number,
        )
    return number


def _whole_number(text: str, parameter: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(text):
        raise InvalidParameter("A whole number from 1 is needed.", parameter=parameter)
    # Of a longer number it only matters that it is too large, and Python reads no longer ones.
    return int(text.lstrip("0")[:_MAX_DIGITS])


def number_links(base: str, sent: Sent, page: Page, count: int) -> Links:
    """Links of a numbered page; null where there is no such page (JSON:API 1.1, "Pagination").

    Args:
        base: the collection's absolute address.
        sent: the request's parameters, which every link repeats.
        page: the present one.
        count: resources in the whole collection.
    """
    last = max(1, -(-count // page.size))
    here, before, after = _around_number(base, sent, page.size)

    def to(number: int) -> str | None:
        return f"{before}{number}{after}" if 1 <= number <= last else None

    return {
        "self": here,
        "first": to(1),
        "prev": to(min(page.number - 1, last)),
        "next": to(page.number + 1),
        "last": to(last),
    }


@lru_cache(maxsize=64)
def _around_number(base: str, sent: Sent, size: int) -> tuple[str, str, str]:
    """The address of a page, and what stands before and after the number in that of any other."""
    any_page = _replaced(base, sent, {"number": "", "size": str(size)})
    before, name, after = any_page.rpartition(_NUMBER)
    return address(base, sent), before + name, after


def cursor_links(
    base: str, sent: Sent, page: CursorPage, cursors: Sequence[str], *, more: bool
) -> Links:
    """Links of a page between cursors (the profile, "Links").

    Args:
        base: the collection's absolute address.
        sent: the request's parameters, which every link repeats.
        page: the present one.
        cursors: of the items on it.
        more: whether there are items beyond it, in the direction it was read.
    """
    # In the other direction there may be none: the profile allows a link to an empty page there.
    backwards = page.before is not None and page.after is None
    has_next, has_prev = (True, more) if backwards else (more, page.after is not None)
    size = {"size": str(page.size)}

    def to(name: str, cursor: str) -> str:
        return _replaced(base, sent, {**size, name: cursor})

    return {
        "self": address(base, sent),
        "prev": to("before", cursors[0]) if cursors and has_prev else None,
        "next": to("after", cursors[-1]) if cursors and has_next else None,
    }


def item_cursors(items: Sequence[Any], sorting: "tuple[SortKey, ...]") -> list[str]:
    """The cursor of each item."""
    return [encode_cursor(each, sorting) for each in items]


def _replaced(base: str, sent: Sent, members: dict[str, str]) -> str:
    kept = [(name, value) for name, value in sent if not name.startswith("page[")]
    return address(base, [*kept, *((f"page[{name}]", value) for name, value in members.items())])


def address(base: str, parameters: Sequence[tuple[str, str]]) -> str:
    """An absolute address with its query string."""
    return f"{base}?{urlencode(parameters, quote_via=quote)}" if parameters else base
