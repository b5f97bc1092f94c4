"""What is shown with nothing included: a row, or a page of a list and how long that list is."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Engine, Select, bindparam, func, select

from open_event_uploads.accounts.authenticate import Identity
from open_event_uploads.database.read import Query
from open_event_uploads.database.row import row_class_of
from open_event_uploads.jsonapi.pagination import Page

if TYPE_CHECKING:
    from open_event_uploads.jsonapi.data_layer import DataLayer
    from open_event_uploads.jsonapi.query import SortKey

_ASKER = "asker"


@cache
def row_by_id(model: Any) -> Query[Any]:  # noqa: ANN401 - any mapped class
    """The row of a model with the value `id`."""
    return Query(select(model).where(model.id == bindparam("id")), row_class_of(model))


class Listing:
    """A list that is asked for again and again.

    Its length travels with each row, so that it is of the same moment, and one question.

    Args:
        chosen: what it is a selection of.
        ordered: the same in order.
        row_class: of the items.
    """

    def __init__(self, chosen: Select[Any], ordered: Select[Any], row_class: type[Any]) -> None:
        length = counted(chosen)
        part = ordered.add_columns(length.scalar_subquery())
        self._length = Query(length, int)
        self._part = Query(
            part.limit(bindparam("limit")).offset(bindparam("offset")),
            lambda *row: (row_class(*row[:-1]), row[-1]),
        )

    def page(self, engine: Engine, page: Page, asker: str | None) -> tuple[int, Sequence[Any]]:
        """How long it is, and the items of one page.

        Args:
            engine: of the database.
            page: which part.
            asker: the id of the user who asks, which is left open.
        """
        values = {_ASKER: asker, "limit": page.size, "offset": (page.number - 1) * page.size}
        found = self._part.all(engine, values)
        if found:
            return found[0][1], [item for item, _ in found]
        # Beyond the last page there is no row that could say it.
        return (self._length.first(engine, values) or 0) if page.number > 1 else 0, []


def whole_list(
    layer: "DataLayer", identity: Identity | None, sorting: "tuple[SortKey, ...]"
) -> Listing:
    """Everything that somebody may list; written once for each order, and for everybody alike.

    Args:
        layer: says what that is.
        identity: who asks; whose it is stays open.
        sorting: the order.
    """
    kind = None if identity is None else (identity.role, identity.scopes, identity.how)
    return _whole_list(layer, kind, sorting)


@lru_cache(maxsize=256)
def _whole_list(
    layer: "DataLayer", kind: tuple[Any, ...] | None, sorting: "tuple[SortKey, ...]"
) -> Listing:
    # Nobody's own id can get into a statement that others share: it is not known here.
    asker = cast("str", bindparam(_ASKER))
    chosen = layer.selection(None if kind is None else Identity(asker, *kind))
    return Listing(chosen, layer.sort_query(chosen, sorting), row_class_of(layer.model))


def counted(chosen: Select[Any]) -> Select[Any]:
    """How many rows are chosen.

    The library counts a sorted subquery of every column: 110 ms at 100,000 rows, not 3.
    """
    return chosen.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
