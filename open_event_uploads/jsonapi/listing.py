"""Statements that are prepared once: one row by its id, and a page of a whole list."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Engine, Select, bindparam, func, select

from open_event_uploads.database.read import Query
from open_event_uploads.database.row import row_class_of
from open_event_uploads.jsonapi.page import Page

# Stands for the id of the user who sends the request, in statements that many users share.
VIEWER_ID: Any = bindparam("viewer_id")


@cache
def row_by_id(model: Any) -> Query[Any]:  # noqa: ANN401 - any mapped class
    """Prepare the statement for one row of a model; its value is `id`."""
    return Query(select(model).where(model.id == bindparam("id")), row_class_of(model))


class PreparedList:
    """A list that is read again and again.

    Its length travels with each row, so that it is of the same moment, and one statement.
    """

    def __init__(self, chosen: Select[Any], ordered: Select[Any], row_class: type[Any]) -> None:
        length = count_of(chosen)
        part = ordered.add_columns(length.scalar_subquery())
        self._length = Query(length, int)
        self._part = Query(
            part.limit(bindparam("limit")).offset(bindparam("offset")),
            lambda *row: (row_class(*row[:-1]), row[-1]),
        )

    def page(self, engine: Engine, page: Page, viewer_id: str | None) -> tuple[int, Sequence[Any]]:
        """Return the length of the list and the items of one page, for this `VIEWER_ID`."""
        offset = (page.number - 1) * page.size
        values = {VIEWER_ID.key: viewer_id, "limit": page.size, "offset": offset}
        found = self._part.all(engine, values)
        if found:
            return found[0][1], [item for item, _ in found]
        # Beyond the last page no row carries the length.
        return (self._length.first(engine, values) or 0) if page.number > 1 else 0, []


def count_of(chosen: Select[Any]) -> Select[Any]:
    """Select the number of rows of a selection.

    The library counts a sorted subquery of every column: 110 ms at 100,000 rows, not 3.
    """
    return chosen.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
