"""The items of a page between cursors (the Cursor Pagination profile)."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from open_event_uploads.jsonapi.page import CursorPage


@dataclass(frozen=True, slots=True)
class PageItems:
    """The items of a page, in their order.

    Args:
        items: resources, or what identifies them.
        has_prev: whether there may be items before them.
        has_next: whether there may be items after them.
        is_truncated: whether a range between two cursors was too long for the page.
    """

    items: list[Any]
    has_prev: bool
    has_next: bool
    is_truncated: bool = False


def items_between(
    everything: Sequence[Any], page: CursorPage, id_of: Callable[[Any], str]
) -> PageItems:
    """Return the items of a page of a list that is in memory, in the order of their ids."""
    ordered = sorted(everything, key=id_of)
    start, end = 0, len(ordered)
    if page.after is not None:
        start = bisect_right(ordered, page.after.values[-1], key=id_of)
    if page.before is not None:
        end = max(start, bisect_left(ordered, page.before.values[-1], key=id_of))
    first = max(start, end - page.size) if page.reads_backwards else start
    last = min(end, first + page.size)
    return PageItems(
        ordered[first:last],
        has_prev=first > 0,
        has_next=last < len(ordered),
        is_truncated=page.is_range and last < end,
    )
