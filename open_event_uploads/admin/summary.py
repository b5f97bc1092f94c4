"""Count what is stored, for the overview."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, Select, func, select

from open_event_uploads.accounts.user import User
from open_event_uploads.database.read import read
from open_event_uploads.database.types import now
from open_event_uploads.maintenance.instance import Instance
from open_event_uploads.maintenance.unfinished_figures import count_unfinished
from open_event_uploads.uploads.model import Upload, is_kept, without_alt
from open_event_uploads.uploads.usage import Usage

DAYS = 30
# Days and types are counted row by row: 0.2 s in SQLite on one core of an AMD EPYC.
NEWEST = 100_000
_MAX_OWNERS = 8


@dataclass(frozen=True, slots=True)
class Amount:
    """Hold the number of some uploads and their size in bytes."""

    uploads: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Owner:
    """Hold a user and the size of their uploads in bytes."""

    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Hold the figures of the overview.

    Args:
        total: all uploads.
        days: the last `DAYS` in UTC, the oldest first, each with the uploads of that day.
        types: by media type, the most bytes first.
        owners: the users with the most bytes, the most first.
        unfinished: resumable uploads that are not finished, and the bytes that they reserve.
        without_alt: uploads without an alt text, counted up to `NEWEST`.
        is_whole: whether days and types count all uploads, not the newest alone.
        swept_at: when the sweeper last ran; None if unknown.
        swept: how many objects and rows it removed then.
    """

    total: Amount
    days: Sequence[tuple[date, Amount]]
    types: Sequence[tuple[str, Amount]]
    owners: Sequence[Owner]
    unfinished: Amount
    without_alt: int
    is_whole: bool
    swept_at: datetime | None
    swept: int | None


def summarize(engine: Engine) -> Summary:
    """Return the figures; every query reads an index, or a bounded number of rows."""
    # The index on size has all columns that this query needs.
    total = select(func.count(Upload.size), func.coalesce(func.sum(Upload.size), 0))
    ((uploads, size),) = read(engine, total.where(is_kept()))
    instances = read(engine, select(Instance.swept_at, Instance.swept))
    swept_at, swept = instances[0] if instances else (None, None)
    return Summary(
        Amount(uploads, int(size)),
        _by_day(engine),
        _by_type(engine),
        _by_owner(engine),
        Amount(*count_unfinished(engine)),
        _without_alt(engine),
        uploads <= NEWEST,
        swept_at,
        swept,
    )


def _by_day(engine: Engine) -> list[tuple[date, Amount]]:
    today = now().date()
    first = today - timedelta(days=DAYS - 1)
    newest = _newest().subquery()
    if engine.dialect.name == "postgresql":
        day = func.to_char(func.timezone("UTC", newest.c.created_at), "YYYY-MM-DD")
    else:
        day = func.substr(newest.c.created_at, 1, 10)
    rows = read(
        engine,
        select(day, func.count(), func.sum(newest.c.size)).group_by(day).where(day >= str(first)),
    )
    found = {text: Amount(count, int(size)) for text, count, size in rows}
    days = (first + timedelta(days=n) for n in range(DAYS))
    return [(each, found.get(str(each), Amount())) for each in days]


def _by_type(engine: Engine) -> list[tuple[str, Amount]]:
    newest = _newest().subquery()
    size = func.sum(newest.c.size)
    by_type = select(newest.c.media_type, func.count(), size).group_by(newest.c.media_type)
    rows = read(engine, by_type.order_by(size.desc()))
    return [(media_type, Amount(count, int(size))) for media_type, count, size in rows]


def _newest() -> Select[datetime, str, int]:
    order = (Upload.created_at.desc(), Upload.id.desc())
    columns = (Upload.created_at, Upload.media_type, Upload.size)
    return select(*columns).where(is_kept()).order_by(*order).limit(NEWEST)


def _by_owner(engine: Engine) -> list[Owner]:
    # One row a user, which every write of uploads keeps up (`count_bytes`).
    largest = (
        select(User.id, User.name, Usage.stored_bytes)
        .join(User, User.id == Usage.user_id)
        .where(Usage.stored_bytes > 0)
        .order_by(Usage.stored_bytes.desc(), User.id)
        .limit(_MAX_OWNERS)
    )
    return read(engine, largest, Owner)


def _without_alt(engine: Engine) -> int:
    some = select(Upload.id).where(without_alt(), is_kept()).limit(NEWEST)
    ((count,),) = read(engine, select(func.count()).select_from(some.subquery()))
    return count
