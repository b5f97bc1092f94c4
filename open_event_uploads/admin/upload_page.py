"""One page of a long list, found by an index: it costs the same wherever it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from open_event_uploads.admin.upload_filters import MOST_FOUND
from open_event_uploads.jsonapi.cursor import decode_cursor, encode_cursor
from open_event_uploads.jsonapi.sort_key import SortKey
from open_event_uploads.uploads.model import Upload, is_kept

ORDERS = {
    "newest": SortKey("created_at", descending=True),
    "oldest": SortKey("created_at", descending=False),
    "largest": SortKey("size", descending=True),
    "smallest": SortKey("size", descending=False),
    "name": SortKey("filename", descending=False),
}
SIZES = (20, 50, 100, 200)
# Nobody counts further: of a million rows that would take longer than the page itself.
_COUNTED = MOST_FOUND - 1


@dataclass(frozen=True, slots=True)
class UploadPage:
    """What is on a page.

    Args:
        items: uploads with their owners.
        before: the cursor of the page before; None where there is none.
        after: that of the next one.
        count: of all that meet the conditions, as far as anybody counts.
        is_counted: whether that is all of them.
    """

    items: Sequence[Upload]
    before: str | None
    after: str | None
    count: int
    is_counted: bool


def read_page(
    fields: Mapping[str, str], conditions: Sequence[ColumnElement[bool]], *, session: Session
) -> UploadPage:
    """Fetch a page.

    Args:
        fields: `order`, `size`, and `before` or `after` with a cursor.
        conditions: that uploads meet.
        session: for the rows.

    Raises:
        InvalidParameter: the cursor is none of ours, or of another order.
    """
    key = ORDERS.get(fields.get("order", ""), ORDERS["newest"])
    size = page_size(fields)
    backwards = bool(fields.get("before"))
    found = _fetch(fields, conditions, key, size + 1, session)
    items, more = found[:size], len(found) > size
    if backwards:
        items.reverse()
    counted = session.scalar(
        select(func.count()).select_from(
            select(Upload.id).where(is_kept(), *conditions).limit(_COUNTED + 1).subquery()
        )
    )
    has_before = more if backwards else bool(fields.get("after"))
    has_after = more if not backwards else True
    return UploadPage(
        items,
        encode_cursor(items[0], (key,)) if items and has_before else None,
        encode_cursor(items[-1], (key,)) if items and has_after else None,
        min(counted or 0, _COUNTED),
        (counted or 0) <= _COUNTED,
    )


def page_size(fields: Mapping[str, str]) -> int:
    """How many uploads a page has: one of `SIZES`."""
    asked = fields.get("size", "")
    return next((each for each in SIZES if str(each) == asked), SIZES[0])


def _fetch(
    fields: Mapping[str, str],
    conditions: Sequence[ColumnElement[bool]],
    key: SortKey,
    limit: int,
    session: Session,
) -> list[Upload]:
    columns: list[tuple[Any, bool]] = [
        (getattr(Upload, name), key.descending) for name in (key.name, "id")
    ]
    query = select(Upload).where(is_kept(), *conditions).options(selectinload(Upload.owner))
    query = query.limit(limit)
    if fields.get("before"):
        columns = [(column, not down) for column, down in columns]
    if text := fields.get("before") or fields.get("after"):
        query = query.where(decode_cursor(text, (key,), "the page").beyond(columns))
    order = (column.desc() if down else column.asc() for column, down in columns)
    return list(session.scalars(query.order_by(*order)))
