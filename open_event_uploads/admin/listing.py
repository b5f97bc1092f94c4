"""Read pages of users and tokens, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from flask import request
from sqlalchemy import Row, Select

from open_event_uploads.context import db
from open_event_uploads.jsonapi.cursor import decode_cursor, encode_cursor
from open_event_uploads.jsonapi.sort_key import SortKey

_ORDER = (SortKey("created_at", descending=True),)
_SIZE = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """Hold one page.

    Args:
        rows: of the query.
        after: the cursor of the next page; None if there is none.
        is_first: whether this is the first page.
    """

    rows: Sequence[Row[*tuple[Any, ...]]]
    after: str | None
    is_first: bool

    @classmethod
    def read(cls, query: Select[*tuple[Any, ...]], model: Any) -> Self:  # noqa: ANN401 - any mapped class
        """Read the page that the request's `after` names.

        Args:
            query: selects a row of the model first.
            model: has `created_at` and `id`, and an index on both.

        Raises:
            InvalidParameter: the cursor is not valid.
        """
        after = request.args.get("after", "")
        if after:
            columns = [(model.created_at, True), (model.id, True)]
            query = query.where(decode_cursor(after, _ORDER, "after").beyond(columns))
        ordered = query.order_by(model.created_at.desc(), model.id.desc()).limit(_SIZE + 1)
        rows = db.session.execute(ordered).all()
        more = len(rows) > _SIZE
        rows = rows[:_SIZE]
        return cls(rows, encode_cursor(rows[-1][0], _ORDER) if more else None, not after)
