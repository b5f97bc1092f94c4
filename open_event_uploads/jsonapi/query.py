"""The query of a request, read from its query string."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from open_event_uploads.jsonapi.filters import Filter
from open_event_uploads.jsonapi.include import Path
from open_event_uploads.jsonapi.page import CursorPage, Page
from open_event_uploads.jsonapi.parameters import Sent
from open_event_uploads.jsonapi.sort_key import Sorting


@dataclass(frozen=True, slots=True)
class Query:
    """A query, with the public (dasherized) names of fields.

    Args:
        sent: the parameters as they were sent, for links that repeat them.
        fields: type -> the public names to show; a type that is absent is shown whole.
        filters: conditions, all of which must hold.
        sorting: the order of a collection.
        pagination: which part of a collection.
        include: paths of related resources; None without the parameter, which is not the same as
            an empty one.
    """

    sent: Sent
    fields: Mapping[str, frozenset[str]]
    filters: tuple[Filter, ...] = ()
    sorting: Sorting = ()
    pagination: Page | CursorPage = field(default_factory=Page)
    include: tuple[Path, ...] | None = None
