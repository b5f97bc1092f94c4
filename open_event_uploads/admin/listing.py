"""Page through users or tokens by cursor, the newest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select

from open_event_uploads.context import db
from open_event_uploads.current import current_request
from open_event_uploads.database.read import read
from open_event_uploads.jsonapi.cursor import decode_cursor, encode_cursor
from open_event_uploads.jsonapi.sort_key import SortKey

_ORDER = (SortKey("created_at", descending=True),)
_SIZE = 50

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """Hold one page of a list.

    Args:
        items: in order, each with what the list shows beside it.
        after: the cursor of the next page; None if there is none.
        is_first: whether this is the first page.
    """

    items: Sequence[tuple[Item, Any]]
    after: str | None
    is_first: bool


def read_listing(
    query: Select[*tuple[Any, ...]],
    model: Any,  # noqa: ANN401 - any mapped class
    row: Callable[..., Item],
) -> Listing[Item]:
    """Return the page that the request's `after` names.

    Args:
        query: selects the model and one column more.
        model: has `created_at` and `id`, and an index on both.
        row: the row class of the model.

    Raises:
        InvalidParameter: the cursor is not from this list.
    """
    after = current_request().args.get("after", "")
    if after:
        columns = [(model.created_at, True), (model.id, True)]
        query = query.where(decode_cursor(after, _ORDER, "after").beyond(columns))
    query = query.order_by(model.created_at.desc(), model.id.desc()).limit(_SIZE + 1)
    found = read(db.engine, query, lambda *columns: (row(*columns[:-1]), columns[-1]))
    items = found[:_SIZE]
    has_next = len(found) > _SIZE
    return Listing(items, encode_cursor(items[-1][0], _ORDER) if has_next else None, not after)
