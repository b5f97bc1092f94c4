"""Read one page of the list of uploads by an index, at the same cost for every page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, select

from open_event_uploads.admin.upload_filters import MAX_FOUND
from open_event_uploads.database.read import read
from open_event_uploads.jsonapi.cursor import decode_cursor, encode_cursor
from open_event_uploads.jsonapi.sort_key import SortKey
from open_event_uploads.uploads.model import Upload, UploadRow, is_kept

ORDERS = {
    "newest": SortKey("created_at", descending=True),
    "oldest": SortKey("created_at", descending=False),
    "largest": SortKey("size", descending=True),
    "smallest": SortKey("size", descending=False),
    "name": SortKey("filename", descending=False),
}
SIZES = (20, 50, 100, 200)
# Counting a million rows would take longer than reading the page.
_MAX_COUNTED = MAX_FOUND - 1


@dataclass(frozen=True, slots=True)
class UploadPage:
    """Hold the uploads of a page.

    Args:
        items: in order.
        before: the cursor of the previous page; None if there is none.
        after: the cursor of the next page; None if there is none.
        count: how many uploads meet the conditions, counted up to a limit.
        is_counted: whether the limit was not reached.
    """

    items: Sequence[UploadRow]
    before: str | None
    after: str | None
    count: int
    is_counted: bool


def read_page(
    fields: Mapping[str, str], conditions: Sequence[ColumnElement[bool]], *, engine: Engine
) -> UploadPage:
    """Return a page.

    Args:
        fields: `order`, `size`, and `before` or `after` with a cursor.
        conditions: uploads meet all of them.
        engine: of the database.

    Raises:
        InvalidParameter: the cursor is not from this list, or is of another order.
    """
    key = ORDERS.get(fields.get("order", ""), ORDERS["newest"])
    size = read_page_size(fields)
    backwards = bool(fields.get("before"))
    found = _fetch(fields, conditions, key, size + 1, engine)
    items, more = found[:size], len(found) > size
    if backwards:
        items.reverse()
    counted = select(Upload.id).where(is_kept(), *conditions).limit(_MAX_COUNTED + 1)
    ((count,),) = read(engine, select(func.count()).select_from(counted.subquery()))
    has_before = more if backwards else bool(fields.get("after"))
    has_after = more if not backwards else True
    return UploadPage(
        items,
        encode_cursor(items[0], (key,)) if items and has_before else None,
        encode_cursor(items[-1], (key,)) if items and has_after else None,
        min(count, _MAX_COUNTED),
        count <= _MAX_COUNTED,
    )


def read_selected(
    fields: Mapping[str, str],
    conditions: Sequence[ColumnElement[bool]],
    *,
    limit: int,
    engine: Engine,
) -> list[UploadRow]:
    """Return the first uploads of a list, of all its pages.

    Args:
        fields: `order`.
        conditions: uploads meet all of them.
        limit: how many at most.
        engine: of the database.
    """
    key = ORDERS.get(fields.get("order", ""), ORDERS["newest"])
    return _fetch({}, conditions, key, limit, engine)


def read_page_size(fields: Mapping[str, str]) -> int:
    """Return how many uploads a page has: one of `SIZES`."""
    text = fields.get("size", "")
    return next((each for each in SIZES if str(each) == text), SIZES[0])


def _fetch(
    fields: Mapping[str, str],
    conditions: Sequence[ColumnElement[bool]],
    key: SortKey,
    limit: int,
    engine: Engine,
) -> list[UploadRow]:
    columns: list[tuple[Any, bool]] = [
        (getattr(Upload, name), key.descending) for name in (key.name, "id")
    ]
    query = select(Upload).where(is_kept(), *conditions).limit(limit)
    if fields.get("before"):
        columns = [(column, not down) for column, down in columns]
    if text := fields.get("before") or fields.get("after"):
        query = query.where(decode_cursor(text, (key,), "the page").beyond(columns))
    order = (column.desc() if down else column.asc() for column, down in columns)
    return read(engine, query.order_by(*order), UploadRow)
