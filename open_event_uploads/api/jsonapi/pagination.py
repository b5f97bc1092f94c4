"""Parts of a collection: `page[number]` and `page[size]`, and the links between them."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from open_event_uploads.api.jsonapi.parameters import Family, spelled
from open_event_uploads.errors import InvalidParameter

# Far beyond any collection, and small enough that the offset fits a database's integer.
_MAX_NUMBER = 10**9
_WHOLE_NUMBER = re.compile("[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Args:
        number: counted from 1.
        size: resources on it.
    """

    number: int = 1
    size: int = 1


def read_page(family: Family, default_size: int, max_size: int) -> Page:
    """Read the `page` family.

    Raises:
        InvalidParameter: an unknown member, or not a whole number within its bounds.
    """
    bounds = {("number",): _MAX_NUMBER, ("size",): max_size}
    values = {("number",): 1, ("size",): default_size}
    for members, value in family.items():
        parameter = spelled("page", members)
        if members not in bounds:
            raise InvalidParameter("Pages have a `number` and a `size`.", parameter=parameter)
        top = bounds[members]
        if not _WHOLE_NUMBER.fullmatch(value) or not 1 <= int(value) <= top:
            raise InvalidParameter(
                f"A whole number from 1 to {top} is needed.",
                parameter=parameter,
                limit=top,
                actual=int(value) if _WHOLE_NUMBER.fullmatch(value) else None,
            )
        values[members] = int(value)
    return Page(values["number",], values["size",])


def page_links(
    base: str, sent: list[tuple[str, str]], page: Page, count: int
) -> dict[str, str | None]:
    """Links of a page; null where there is no such page (JSON:API 1.1, "Pagination").

    Args:
        base: the collection's absolute address.
        sent: the request's parameters, which every link repeats.
        page: the present one.
        count: resources in the whole collection.
    """
    last = max(1, -(-count // page.size))

    def to(number: int) -> str | None:
        if not 1 <= number <= last:
            return None
        replaced = {"page[number]": str(number), "page[size]": str(page.size)}
        kept = [pair for pair in sent if pair[0] not in replaced]
        return address(base, [*kept, *replaced.items()])

    return {
        "self": address(base, sent),
        "first": to(1),
        "prev": to(min(page.number - 1, last)),
        "next": to(page.number + 1),
        "last": to(last),
    }


def address(base: str, parameters: list[tuple[str, str]]) -> str:
    """An absolute address with its query string."""
    return f"{base}?{urlencode(parameters, quote_via=quote)}" if parameters else base
