"""Count and limit a user's bytes in the transaction that stores or removes them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self, cast

from sqlalchemy import BigInteger, Date, Engine, Table, bindparam, case, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningUpdate

from open_event_uploads.database.read import Query
from open_event_uploads.database.statement import Execute, Statement
from open_event_uploads.database.types import Id, now
from open_event_uploads.errors import DailyQuotaExceeded, QuotaExceeded, UploadsError
from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.uploads.usage import Usage

# More than a disk holds, and less than 64 bits.
_ANY_NUMBER = 2**62

_TABLE = cast("Table", Usage.__table__)


def _counting_update() -> ReturningUpdate[tuple[str]]:
    """Return the statement that counts bytes, if they are within the limits."""
    table = _TABLE
    today = bindparam("today", type_=Date)
    # A clock that is behind those of other machines does not begin the day again.
    new_day = table.c.day < today
    stored = table.c.stored_bytes + bindparam("grown", type_=BigInteger)
    sent = case((new_day, 0), else_=table.c.day_bytes) + bindparam("added", type_=BigInteger)
    return (
        update(table)
        .where(table.c.user_id == bindparam("owner_id", type_=Id))
        .where(stored <= bindparam("quota", type_=BigInteger))
        .where(sent <= bindparam("daily", type_=BigInteger))
        .values(stored_bytes=stored, day_bytes=sent, day=case((new_day, today), else_=table.c.day))
        .returning(table.c.user_id)
    )


_COUNT = Statement(_counting_update())
_OF_OWNER = select(_TABLE.c.stored_bytes, _TABLE.c.day_bytes, _TABLE.c.day).where(
    _TABLE.c.user_id == bindparam("owner_id", type_=Id)
)
_HELD = Statement(_OF_OWNER.with_for_update())
_USAGE = Query(_OF_OWNER)
_ADD = Statement(
    sqlite.insert(_TABLE).on_conflict_do_nothing(),
    postgresql=postgresql.insert(_TABLE).on_conflict_do_nothing(),
)


@dataclass(slots=True)
class Bytes:
    """The bytes that a transaction adds to and removes from one user's uploads.

    Args:
        added: bytes that come to be stored.
        removed: bytes that no longer are.
    """

    added: int = 0
    removed: int = 0


@dataclass(slots=True)
class Ledger:
    """The bytes that a transaction adds and removes, by user; others are not counted."""

    by_owner: dict[str, Bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, owner_id: str | None, *, added: int = 0, removed: int = 0) -> Self:
        """Return the ledger of a change of one upload; arguments as of `note`."""
        ledger = cls()
        ledger.note(owner_id, added=added, removed=removed)
        return ledger

    def note(self, owner_id: str | None, *, added: int = 0, removed: int = 0) -> None:
        """Note that an upload of this owner is added, removed, or changes its size.

        Args:
            owner_id: None for an upload without an owner.
            added: its new size, bytes.
            removed: its old one.
        """
        if owner_id is not None:
            entry = self.by_owner.setdefault(owner_id, Bytes())
            entry.added += added
            entry.removed += removed

    def note_growth(self, owner_id: str | None, grown: int) -> None:
        """Note that what counts for this owner grew by so many bytes; negative: shrank."""
        self.note(owner_id, added=max(grown, 0), removed=max(-grown, 0))


def count_bytes(ledger: Ledger, *, execute: Execute, policy: FilePolicy | None = None) -> None:
    """Count the bytes of a transaction, as its last statement.

    Each user's row is changed by one statement that also checks the limits, so however many write
    at once, none exceeds them. Last, and in one order, because it stays locked until the end:
    two transactions then never wait for each other.

    Args:
        ledger: what the transaction does.
        execute: runs statements in it.
        policy: has the limits; None where nothing can be refused.

    Raises:
        QuotaExceeded: all files of a user would be too many bytes.
        DailyQuotaExceeded: the user would have sent too many today.
    """
    for owner_id, change in sorted(ledger.by_owner.items()):
        if change.added or change.removed:
            _count(owner_id, change, policy, execute)


def _count(owner_id: str, change: Bytes, policy: FilePolicy | None, execute: Execute) -> None:
    values = _values(owner_id, change, policy)
    if execute(_COUNT, values):
        return
    # It has no row yet, or it would be too much.
    add_row(owner_id, execute)
    # Locked, so that the error names the same numbers that the refusal was decided by.
    (usage,) = execute(_HELD, {"owner_id": owner_id})
    if not execute(_COUNT, values):
        raise _refusal(usage, change, policy or FilePolicy(frozenset(), 0, 0))


def _values(owner_id: str, change: Bytes, policy: FilePolicy | None) -> dict[str, object]:
    quota = policy.quota_bytes if policy else None
    daily = policy.daily_bytes if policy else None
    # A user over a quota that was lowered may still make files smaller.
    grows = change.added > change.removed
    return {
        "owner_id": owner_id,
        "today": _today(),
        "added": change.added,
        "grown": change.added - change.removed,
        "quota": quota if quota is not None and grows else _ANY_NUMBER,
        "daily": daily if daily is not None and change.added else _ANY_NUMBER,
    }


def check_bytes(owner_id: str, added: int, *, policy: FilePolicy, engine: Engine) -> None:
    """Make sure, without counting them, that a user may add some bytes at this moment.

    Raises:
        As `count_bytes`.
    """
    usage = _USAGE.first(engine, {"owner_id": owner_id}) or (0, 0, _today())
    change = Bytes(added=added)
    stored, sent = _sums(usage, change)
    if _is_beyond(stored, policy.quota_bytes) or _is_beyond(sent, policy.daily_bytes):
        raise _refusal(usage, change, policy)


def _sums(usage: Sequence[Any], change: Bytes) -> tuple[int, int]:
    """Return the bytes that a user would have stored, and would have sent today."""
    stored_bytes, day_bytes, day = usage
    sent = day_bytes if day >= _today() else 0
    return stored_bytes + change.added - change.removed, sent + change.added


def _is_beyond(number: int, limit: int | None) -> bool:
    return limit is not None and number > limit


def add_row(user_id: str, execute: Execute) -> None:
    """Make a user's row, unless there is one by now."""
    execute(_ADD, {"user_id": user_id, "stored_bytes": 0, "day": _today(), "day_bytes": 0})


def _refusal(usage: Sequence[Any], change: Bytes, policy: FilePolicy) -> UploadsError:
    stored, sent = _sums(usage, change)
    quota = policy.quota_bytes
    if _is_beyond(stored, quota) and change.added > change.removed:
        return QuotaExceeded(
            f"All files together would have {stored} bytes; {quota} are allowed.",
            limit=quota,
            actual=stored,
        )
    return DailyQuotaExceeded(
        f"{sent} bytes would have been sent today; {policy.daily_bytes} are allowed a day.",
        limit=policy.daily_bytes,
        actual=sent,
        headers={"Retry-After": str(_seconds_to_midnight())},
    )


def _today() -> date:
    return now().date()


def _seconds_to_midnight() -> int:
    midnight = datetime.combine(_today() + timedelta(days=1), time(), UTC)
    return max(1, int((midnight - now()).total_seconds()) + 1)
