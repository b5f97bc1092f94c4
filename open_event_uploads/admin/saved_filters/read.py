"""Read saved filters, and what of them this version understands."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Engine, or_, select

from open_event_uploads.accounts.user import User
from open_event_uploads.admin.saved_filters.model import MAX_FILTERS, SavedFilter, SavedFilterRow
from open_event_uploads.admin.upload_filters import FILTERS
from open_event_uploads.admin.upload_page import ORDERS
from open_event_uploads.database.read import read
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import is_id
from open_event_uploads.errors import NotFound

# What of the list's URL is saved; how it is shown is not.
SAVED = FILTERS | {"order"}
# Of all admins together.
_MAX_SHARED = 100


@dataclass(frozen=True, slots=True)
class ReadFilter:
    """Hold a saved filter as a page shows it.

    Args:
        row: as it was read.
        owner: the name of who saved it.
        fields: of the list's URL, as far as this version knows them.
        unknown: the names of others, without which the filter selects more.
    """

    row: SavedFilterRow
    owner: str
    fields: Mapping[str, str]
    unknown: tuple[str, ...]

    def selects(self, fields: Mapping[str, str]) -> bool:
        """Return whether a list is the one that this filter opens."""
        kept = {name: value for name, value in fields.items() if name in SAVED}
        return not self.unknown and kept == self.fields


def read_filters(user_id: str, *, engine: Engine) -> list[ReadFilter]:
    """Return the filters that an admin sees: their own, then those of others; each by name."""
    query = select(SavedFilter, User.name).join(User, SavedFilter.user_id == User.id)
    by_name = query.order_by(SavedFilter.name, SavedFilter.id)
    own = by_name.where(SavedFilter.user_id == user_id).limit(MAX_FILTERS)
    others = by_name.where(SavedFilter.shared, SavedFilter.user_id != user_id)
    found = [*read(engine, own), *read(engine, others.limit(_MAX_SHARED))]
    return [_interpret(SavedFilterRow(*columns), owner) for *columns, owner in found]


def find_filter(id_: str, user_id: str, source: Engine | Execute) -> SavedFilterRow:
    """Return a filter that an admin may change: their own, or a shared one.

    Raises:
        NotFound: there is none, or none any more, or it is another admin's own.
    """
    is_seen = or_(SavedFilter.user_id == user_id, SavedFilter.shared)
    query = select(SavedFilter).where(SavedFilter.id == id_, is_seen)
    found = read(source, query, SavedFilterRow) if is_id(id_) else []
    if not found:
        raise NotFound("There is no such filter; somebody may have deleted it.")
    return found[0]


def to_query(fields: Mapping[str, str]) -> str:
    """Return what is saved of the fields of the list's URL."""
    return urlencode(
        sorted((name, text) for name, text in fields.items() if name in SAVED and text)
    )


def _interpret(row: SavedFilterRow, owner: str) -> ReadFilter:
    written = dict(parse_qsl(row.query))
    fields = {name: text for name, text in written.items() if name in SAVED}
    if fields.get("order", "newest") not in ORDERS:
        del fields["order"]
    unknown = tuple(name for name in written if name not in fields)
    return ReadFilter(row, owner, fields, unknown)
