"""Where resources come from: SQLAlchemy through the library's layer, which only ever reads.

Writing is the business of `services/`, which own their transactions.
"""

from typing import TYPE_CHECKING, Any

from flask_rest_jsonapi_next.data_layers.alchemy import SqlalchemyDataLayer
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from open_event_uploads.accounts.authenticate import Identity
from open_event_uploads.context import db
from open_event_uploads.database.read import read
from open_event_uploads.database.row import row_class_of
from open_event_uploads.database.types import is_id
from open_event_uploads.errors import NotFound
from open_event_uploads.jsonapi.listing import counted, row_by_id, whole_list
from open_event_uploads.jsonapi.pagination import CursorPage, Page
from open_event_uploads.server.identity import current_identity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from open_event_uploads.jsonapi.filters import Filter
    from open_event_uploads.jsonapi.include import Path
    from open_event_uploads.jsonapi.query import Query, SortKey


class DataLayer(SqlalchemyDataLayer):
    """The library's layer, with `select()`, string ids, whitelisted filters and a total order."""

    def selection(self, identity: Identity | None) -> Select[Any]:  # noqa: ARG002 - who asks may decide
        """What a collection is a selection of.

        It is written once for everybody of the same role and scopes, so it may go by nothing but
        what it is given.

        Args:
            identity: who asks; None for anybody. The id of the user may be a `bindparam`.
        """
        return select(self.model)

    def is_seen(self, found: Any) -> bool:  # noqa: ANN401, ARG002 - a row, which may decide
        """Whether whoever asks may know of a row."""
        return True

    def query(self, view_kwargs: dict[str, Any]) -> Select[Any]:  # noqa: ARG002 - the library's signature
        """The selection for whoever asks."""
        return self.selection(current_identity())

    def get_object(self, view_kwargs: dict[str, Any], qs: "Query | None" = None) -> Any:  # noqa: ANN401 - the library's signature
        """One row, with what is going to be included.

        Raises:
            NotFound: there is none, or it is not to be seen.
        """
        paths = (qs and qs.include) or ()
        id_ = view_kwargs["id"]
        found = is_id(id_) and self.session.get(
            self.model, id_, options=self._loaders(paths), populate_existing=bool(paths)
        )
        return self._seen(found or None)

    def get_shown(self, id_: str, qs: "Query") -> Any:  # noqa: ANN401 - any model
        """Return what one resource is shown from: a row, or the object if something is included."""
        if qs.include:
            return self.get_object({"id": id_}, qs)
        return self._seen(
            row_by_id(self.model).first(db.engine, {"id": id_}) if is_id(id_) else None
        )

    def _seen(self, found: Any) -> Any:  # noqa: ANN401 - any model
        if found is None or not self.is_seen(found):
            raise NotFound("There is no such resource.")
        return found

    def rollback(self) -> None:
        """Leave no transaction open; most requests never began one."""
        if self.session.registry.has():
            self.session.rollback()

    def get_list(self, qs: "Query", page: Page) -> tuple[int, "Sequence[Any]"]:
        """Return the number of items, and those of one page: rows, or objects to include others of.

        Args:
            qs: the conditions and the order.
            page: which part.
        """
        if qs.include:
            count, found = self.get_collection(qs, {})
            return count, list(found)
        identity = current_identity()
        if not qs.filters:
            whole = whole_list(self, identity, qs.sorting)
            return whole.page(db.engine, page, identity.user_id if identity else None)
        chosen = self.filter_query(self.selection(identity), qs.filters, self.model)
        part = self.paginate_query(self.sort_query(chosen, qs.sorting), page)
        count = read(db.engine, counted(chosen))[0][0]
        return count, read(db.engine, part, row_class_of(self.model))

    def filter_query(
        self,
        query: Select[Any],
        filter_info: "tuple[Filter, ...]",
        model: Any,  # noqa: ANN401 - any mapped class
    ) -> Select[Any]:
        """Keep what meets every condition."""
        return query.where(*(each.clause(model) for each in filter_info))

    def sort_query(self, query: Select[Any], sort_info: "tuple[SortKey, ...]") -> Select[Any]:
        """Order by the keys, then by id in the last key's direction, so that pages never overlap.

        The same direction lets one index serve both ways.
        """
        columns = self.order(sort_info)
        return query.order_by(*(each.desc() if down else each.asc() for each, down in columns))

    def paginate_query(self, query: Select[Any], paginate_info: "Page") -> Select[Any]:
        """Cut out one page."""
        offset = (paginate_info.number - 1) * paginate_info.size
        return query.limit(paginate_info.size).offset(offset)

    def get_page(self, qs: "Query", page: CursorPage) -> tuple[list[Any], bool, bool]:
        """The items between cursors, found by the index and not by counting.

        Args:
            qs: the conditions and the order.
            page: which part.

        Returns:
            The items in order, whether there are more in the direction that was read, and whether
            a range between two cursors was too long for the page.
        """
        backwards = page.before is not None and page.after is None
        columns = self.order(qs.sorting)
        query = self.eagerload_includes(
            self.filter_query(self.query({}), qs.filters, self.model), qs
        )
        if page.after is not None:
            query = query.where(page.after.beyond(columns))
        if page.before is not None:
            opposite = [(each, not down) for each, down in columns]
            query = query.where(page.before.beyond(opposite))
            columns = opposite if backwards else columns
        ordered = query.order_by(*(each.desc() if down else each.asc() for each, down in columns))
        found = self._rows(ordered.limit(page.size + 1), qs)
        items, more = found[: page.size], len(found) > page.size
        is_range = page.after is not None and page.before is not None
        return items[::-1] if backwards else items, more or is_range, more and is_range

    def _rows(self, query: Select[Any], qs: "Query") -> list[Any]:
        if qs.include:
            return list(self.session.scalars(query))
        return read(db.engine, query, row_class_of(self.model))

    def eagerload_includes(self, query: Select[Any], qs: "Query") -> Select[Any]:
        """Load what is going to be included with one query a step."""
        return query.options(*self._loaders(qs.include or ()))

    def order(self, sorting: "tuple[SortKey, ...]") -> list[tuple[Any, bool]]:
        """Columns to order by, each with whether it descends; the id last."""
        columns = [(getattr(self.model, each.name), each.descending) for each in sorting]
        return [*columns, (self.model.id, sorting[-1].descending)]

    def _loaders(self, paths: "Sequence[Path]") -> list[Any]:
        """A loader for each mapped relationship that paths begin with; the others are computed."""
        mapped = self.model.__mapper__.relationships
        return [
            selectinload(getattr(self.model, step))
            for step in sorted({p[0] for p in paths})
            if step in mapped
        ]

    def _exec_count(self, query: Select[Any]) -> int:
        return int(self.session.scalar(counted(query)))
