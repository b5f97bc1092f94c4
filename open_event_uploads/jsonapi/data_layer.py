"""Read the resources of a mapped class; the features write them.

The library's own layer for SQLAlchemy is not used: it filters by any attribute that a client names,
commits by itself what it writes, and counts a sorted subquery.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from flask_rest_jsonapi_next.data_layers.base import BaseDataLayer
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from open_event_uploads.database.read import read
from open_event_uploads.database.row import row_class_of
from open_event_uploads.database.types import is_id
from open_event_uploads.errors import NotFound
from open_event_uploads.jsonapi.config import Viewer, current_config
from open_event_uploads.jsonapi.include import Path
from open_event_uploads.jsonapi.listing import VIEWER_ID, PreparedList, count_of, row_by_id
from open_event_uploads.jsonapi.page import CursorPage, Page
from open_event_uploads.jsonapi.page_items import PageItems
from open_event_uploads.jsonapi.query import Query
from open_event_uploads.jsonapi.sort_key import Sorting


class DataLayer(BaseDataLayer):
    """The resources of one mapped class.

    Rows that are shown are read without the ORM; the ORM reads what has to be included.

    Attributes:
        model: the mapped class.
        session: of the ORM, for the thread.
    """

    model: Any
    session: Any

    def selection(self, viewer: Any) -> Select[Any]:  # noqa: ANN401, ARG002 - a feature decides by it
        """Select what this identity may list.

        The statement is prepared once for all identities that differ in their user alone, so it
        may depend on nothing but the argument.

        Args:
            viewer: the identity, or None; its `user_id` may be a `bindparam`.
        """
        return select(self.model)

    def is_visible(self, found: Any, viewer: Any) -> bool:  # noqa: ANN401, ARG002 - a feature decides by them
        """Return whether this identity may know of a row."""
        return True

    def get_object(self, view_kwargs: dict[str, Any], qs: Query | None = None) -> Any:  # noqa: ANN401 - the library's signature
        """Return one mapped object, with what is going to be included.

        Raises:
            NotFound: there is none, or it may not be seen.
        """
        paths = (qs and qs.include) or ()
        id_ = view_kwargs["id"]
        found = is_id(id_) and self.session.get(
            self.model, id_, options=self._loaders(paths), populate_existing=bool(paths)
        )
        return self._visible(found or None)

    def get_shown(self, id_: str, query: Query | None = None) -> Any:  # noqa: ANN401 - any model
        """Return one resource that is only shown: a row, or an object that includes others.

        Raises:
            NotFound: there is none, or it may not be seen.
        """
        if query and query.include:
            return self.get_object({"id": id_}, query)
        return self.get_row(id_)

    def get_row(self, id_: str) -> Any:  # noqa: ANN401 - of any row class
        """Return one row; no transaction is open afterwards.

        Raises:
            NotFound: there is none, or it may not be seen.
        """
        # PostgreSQL refuses to compare an id with another text.
        values = {"id": id_}
        row = row_by_id(self.model).first(current_config().engine, values) if is_id(id_) else None
        return self._visible(row)

    def _visible(self, found: Any) -> Any:  # noqa: ANN401 - any model
        if found is None or not self.is_visible(found, current_config().viewer()):
            raise NotFound("There is no such resource.")
        return found

    def get_list(self, query: Query, page: Page) -> tuple[int, Sequence[Any]]:
        """Return how many resources there are, and those of one page."""
        config = current_config()
        viewer = config.viewer()
        if not (query.filters or query.include):
            user_id = None if viewer is None else viewer.user_id
            any_user = None if viewer is None else replace(viewer, user_id=VIEWER_ID)
            return _prepared_list(self, any_user, query.sorting).page(config.engine, page, user_id)
        chosen = self._chosen(query)
        part = _ordered(chosen, self.order(query.sorting))
        part = part.limit(page.size).offset((page.number - 1) * page.size)
        count: int = read(config.engine, count_of(chosen), int)[0]
        return count, self._read(part, query)

    def get_page(self, query: Query, page: CursorPage) -> PageItems:
        """Return the items between cursors, found by the index and not by counting."""
        columns = self.order(query.sorting)
        chosen = self._chosen(query)
        if page.after is not None:
            chosen = chosen.where(page.after.beyond(columns))
        if page.before is not None:
            opposite = [(each, not down) for each, down in columns]
            chosen = chosen.where(page.before.beyond(opposite))
            columns = opposite if page.reads_backwards else columns
        found = self._read(_ordered(chosen, columns).limit(page.size + 1), query)
        items, more = found[: page.size], len(found) > page.size
        if page.reads_backwards:
            return PageItems(items[::-1], has_prev=more, has_next=True)
        return PageItems(
            items,
            has_prev=page.after is not None,
            has_next=more or page.is_range,
            is_truncated=more and page.is_range,
        )

    def _chosen(self, query: Query) -> Select[Any]:
        chosen = self.selection(current_config().viewer())
        return chosen.where(*(each.clause(self.model) for each in query.filters))

    def _read(self, part: Select[Any], query: Query) -> list[Any]:
        if query.include:
            return list(self.session.scalars(part.options(*self._loaders(query.include))))
        return read(current_config().engine, part, row_class_of(self.model))

    def order(self, sorting: Sorting) -> list[tuple[Any, bool]]:
        """Return the columns to order by, each with whether it descends.

        The id stands last, so that pages never overlap, in the direction of the key before it, so
        that one index serves both directions.
        """
        columns = [(getattr(self.model, each.name), each.descending) for each in sorting]
        return [*columns, (self.model.id, sorting[-1].descending)]

    def _loaders(self, paths: Sequence[Path]) -> list[Any]:
        # Relationships that are not mapped are computed.
        mapped = self.model.__mapper__.relationships
        return [
            selectinload(getattr(self.model, step))
            for step in sorted({path[0] for path in paths})
            if step in mapped
        ]


@lru_cache(maxsize=256)
def _prepared_list(layer: DataLayer, viewer: Viewer | None, sorting: Sorting) -> PreparedList:
    chosen = layer.selection(viewer)
    return PreparedList(chosen, _ordered(chosen, layer.order(sorting)), row_class_of(layer.model))


def _ordered(chosen: Select[Any], columns: list[tuple[Any, bool]]) -> Select[Any]:
    return chosen.order_by(*(each.desc() if down else each.asc() for each, down in columns))
