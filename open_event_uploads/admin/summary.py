"""Summarize uploads in numbers, for the overview."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from open_event_uploads.accounts.user import User
from open_event_uploads.database.types import now
from open_event_uploads.maintenance.instance import Instance
from open_event_uploads.uploads.model import Upload, is_kept, without_alt
from open_event_uploads.uploads.usage import Usage

DAYS = 30
# Days and types are counted row by row: 0.2 s in SQLite on one core of an AMD EPYC.
NEWEST = 100_000
_OWNERS = 8


@dataclass(frozen=True, slots=True)
class Amount:
    """Count uploads."""

    uploads: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Owner:
    """Describe a user with many bytes stored."""

    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Summarize all uploads.

    Args:
        total: of all uploads.
        days: the last `DAYS` in UTC, the oldest first, with the uploads of each.
        types: by media type, the most bytes first.
        owners: with the most bytes, the most first.
        without_alt: uploads without alt text, up to `NEWEST`.
        is_whole: whether days and types are of all uploads, not of the newest alone.
        swept_at: when the sweeper last ran; None if it never did.
        swept: how many uploads and objects it removed.
    """

    total: Amount
    days: Sequence[tuple[date, Amount]]
    types: Sequence[tuple[str, Amount]]
    owners: Sequence[Owner]
    without_alt: int
    is_whole: bool
    swept_at: datetime | None
    swept: int | None


def summarize(*, session: Session) -> Summary:
    """Count uploads; every query reads an index, or a bounded number of rows."""
    # Answered by the index on size alone.
    uploads, size = session.execute(
        select(func.count(Upload.size), func.coalesce(func.sum(Upload.size), 0)).where(is_kept())
    ).one()
    instance = session.execute(select(Instance.swept_at, Instance.swept)).one_or_none()
    return Summary(
        Amount(uploads, int(size)),
        _by_day(session),
        _by_type(session),
        _by_owner(session),
        _without_alt(session),
        uploads <= NEWEST,
        *(instance or (None, None)),
    )


def _by_day(session: Session) -> list[tuple[date, Amount]]:
    today = now().date()
    first = today - timedelta(days=DAYS - 1)
    newest = _newest().subquery()
    if session.get_bind().dialect.name == "postgresql":
        day = func.to_char(func.timezone("UTC", newest.c.created_at), "YYYY-MM-DD")
    else:
        day = func.substr(newest.c.created_at, 1, 10)
    rows = session.execute(
        select(day, func.count(), func.sum(newest.c.size)).group_by(day).where(day >= str(first))
    )
    found = {text: Amount(count, int(size)) for text, count, size in rows}
    days = (first + timedelta(days=n) for n in range(DAYS))
    return [(each, found.get(str(each), Amount())) for each in days]


def _by_type(session: Session) -> list[tuple[str, Amount]]:
    newest = _newest().subquery()
    size = func.sum(newest.c.size)
    rows = session.execute(
        select(newest.c.media_type, func.count(), size)
        .group_by(newest.c.media_type)
        .order_by(size.desc())
    )
    return [(media_type, Amount(count, int(size))) for media_type, count, size in rows]


def _newest() -> Select[datetime, str, int]:
    order = (Upload.created_at.desc(), Upload.id.desc())
    columns = (Upload.created_at, Upload.media_type, Upload.size)
    return select(*columns).where(is_kept()).order_by(*order).limit(NEWEST)


def _by_owner(session: Session) -> list[Owner]:
    # One row a user, updated with every upload (`count_bytes`).
    rows = session.execute(
        select(User.id, User.name, Usage.stored_bytes)
        .join(User, User.id == Usage.user_id)
        .where(Usage.stored_bytes > 0)
        .order_by(Usage.stored_bytes.desc(), User.id)
        .limit(_OWNERS)
    )
    return [Owner(*each) for each in rows]


def _without_alt(session: Session) -> int:
    some = select(Upload.id).where(without_alt(), is_kept()).limit(NEWEST)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0
