"""What a request asks for, in the documents' own (dasherized) names."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from open_event_uploads.jsonapi.filters import Filter
from open_event_uploads.jsonapi.include import Path
from open_event_uploads.jsonapi.page import CursorPage, Page
from open_event_uploads.jsonapi.parameters import Sent
from open_event_uploads.jsonapi.sort_key import Sorting


@dataclass(frozen=True, slots=True)
class Query:
    """A request's query string, read; stands where the library's query string manager stood.

    Args:
        sent: the parameters as they came, for links that repeat them.
        fields: type -> the public names wanted of it; a type that is absent is wanted whole.
        filters: conditions, all of which must hold.
        sorting: the order of a collection.
        pagination: which part of a collection.
        include: paths of related resources; None where the client did not ask, which is not the
            same as asking for none.
    """

    sent: Sent
    fields: Mapping[str, frozenset[str]]
    filters: tuple[Filter, ...] = ()
    sorting: Sorting = ()
    pagination: Page | CursorPage = field(default_factory=Page)
    include: tuple[Path, ...] | None = None
