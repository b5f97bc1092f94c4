"""Links between the pages of a collection (JSON:API 1.1, "Pagination")."""

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote, urlencode

from open_event_uploads.jsonapi.page import Page
from open_event_uploads.jsonapi.page_items import PageItems
from open_event_uploads.jsonapi.parameters import Sent

# As `address` writes it.
_NUMBER = "page%5Bnumber%5D="

Links = dict[str, str | None]


def number_links(base: str, sent: Sent, page: Page, count: int) -> Links:
    """Return the links of a numbered page; null where there is no such page."""
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
    """Return a page's address, and the text before and after the number in that of any other."""
    any_page = _replaced(base, sent, {"number": "", "size": str(size)})
    before, name, after = any_page.rpartition(_NUMBER)
    return address(base, sent), before + name, after


def cursor_links(
    base: str, sent: Sent, found: PageItems, size: int, cursors: Sequence[str]
) -> Links:
    """Return the links of a page between cursors (the profile, "Links").

    Args:
        base: the address of the collection.
        sent: the parameters of the request.
        found: the items of the page.
        size: of a page.
        cursors: of the items.
    """

    def to(**cursor: str) -> str:
        return _replaced(base, sent, {"size": str(size), **cursor})

    return {
        "self": address(base, sent),
        "first": to(),
        "prev": to(before=cursors[0]) if cursors and found.has_prev else None,
        "next": to(after=cursors[-1]) if cursors and found.has_next else None,
    }


def _replaced(base: str, sent: Sent, members: dict[str, str]) -> str:
    kept = [(name, value) for name, value in sent if not name.startswith("page[")]
    return address(base, [*kept, *((f"page[{name}]", value) for name, value in members.items())])


def address(base: str, parameters: Sequence[tuple[str, str]]) -> str:
    """Return an absolute address with its query string."""
    return f"{base}?{urlencode(parameters, quote_via=quote)}" if parameters else base
