"""Where resources come from: SQLAlchemy through the library's layer, which only ever reads.

Writing is the business of `services/`, which own their transactions.
"""

from typing import TYPE_CHECKING, Any

from flask_rest_jsonapi_next.data_layers.alchemy import SqlalchemyDataLayer
from sqlalchemy import Select, func, select

from open_event_uploads.errors import NotFound

if TYPE_CHECKING:
    from open_event_uploads.api.jsonapi.filters import Filter
    from open_event_uploads.api.jsonapi.pagination import Page
    from open_event_uploads.api.jsonapi.query import Query, SortKey


class DataLayer(SqlalchemyDataLayer):
    """The library's layer, with `select()`, string ids, whitelisted filters and a total order."""

    def query(self, view_kwargs: dict[str, Any]) -> Select[Any]:  # noqa: ARG002 - the library's signature
        """What a collection is a selection of."""
        return select(self.model)

    def get_object(self, view_kwargs: dict[str, Any], qs: "Query | None" = None) -> Any:  # noqa: ANN401, ARG002 - the library's signature
        """One row.

        Raises:
            NotFound: there is none.
        """
        found = self.session.get(self.model, view_kwargs["id"])
        if found is None:
            raise NotFound("There is no such resource.")
        return found

    def filter_query(
        self,
        query: Select[Any],
        filter_info: "tuple[Filter, ...]",
        model: Any,  # noqa: ANN401 - any mapped class
    ) -> Select[Any]:
        """Keep what meets every condition."""
        return query.where(*(getattr(model, each.name).in_(each.values) for each in filter_info))

    def sort_query(self, query: Select[Any], sort_info: "tuple[SortKey, ...]") -> Select[Any]:
        """Order by the keys, then by id in the last key's direction, so that pages never overlap.

        The same direction lets one index serve both ways.
        """
        columns = [(getattr(self.model, each.name), each.descending) for each in sort_info]
        columns.append((self.model.id, sort_info[-1].descending))
        return query.order_by(*(each.desc() if down else each.asc() for each, down in columns))

    def paginate_query(self, query: Select[Any], paginate_info: "Page") -> Select[Any]:
        """Cut out one page."""
        offset = (paginate_info.number - 1) * paginate_info.size
        return query.limit(paginate_info.size).offset(offset)

    def eagerload_includes(self, query: Select[Any], qs: "Query") -> Select[Any]:  # noqa: ARG002 - the library's signature
        """Nothing is included yet."""
        return query

    def _exec_count(self, query: Select[Any]) -> int:
        # The library counts a sorted subquery of every column: 110 ms at 100,000 rows, not 3.
        count = query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
        return int(self.session.scalar(count))
