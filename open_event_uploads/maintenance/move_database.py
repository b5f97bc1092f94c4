"""A database moves to another server, or from SQLite to one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from alembic.config import Config
from sqlalchemy import Connection, Engine, Table, func, literal, select, text

from open_event_uploads.database.types import Base
from open_event_uploads.errors import MoveRefused
from open_event_uploads.maintenance.check_schema import check_letters, is_current
from open_event_uploads.maintenance.claim_target import (
    INSTANCE,
    State,
    claim_target,
    complete_target,
    state_of,
)
from open_event_uploads.maintenance.copy_rows import copy_rows

# Those that others refer to come first.
TABLES = tuple(each for each in Base.metadata.sorted_tables if each is not INSTANCE)


@dataclass(slots=True)
class MoveReport:
    """What a move found and did.

    Args:
        state: of the database before.
        tables: how many rows each has.
        copied: rows; others were there, from before.
    """

    state: State
    tables: dict[str, int] = field(default_factory=dict)
    copied: int = 0

    @property
    def rows(self) -> int:
        """Of all tables together."""
        return sum(self.tables.values())


def survey(*, source: Engine, target: Engine, config: Config) -> MoveReport:
    """Look whether one database can move to another, and how much that is; writes nothing.

    Args:
        source: where from.
        target: where to.
        config: Alembic's.

    Raises:
        MoveRefused: the one is not up to date, or the other holds something else.
        UnfitDatabase: the other has the wrong encoding or locale.
    """
    check_letters(target, setting="TO")
    if not is_current(source, config):
        raise MoveRefused(
            "FROM: its schema is not that of this program; run `open-event-uploads db upgrade` "
            "on it first, or use the version that it is of"
        )
    with _snapshot(source) as connection:
        instance_id = connection.scalars(select(INSTANCE.c.id)).one()
        counts = {table.name: count for table, (count, _) in _facts(connection).items()}
    return MoveReport(state_of(target, instance_id), counts)


def move_database(
    report: MoveReport,
    *,
    source: Engine,
    target: Engine,
    config: Config,
    progress: Callable[[str, int], None] = lambda *_: None,
) -> None:
    """Copy every row, then compare every row; stopped at any moment, it can be run again.

    Args:
        report: of `survey`; what has been copied is added to it.
        source: where from; nothing may write to it meanwhile.
        target: where to.
        config: Alembic's.
        progress: is told what is being done, and with how many rows more.

    Raises:
        MoveRefused: the copy is not one, because something wrote to the source.
    """
    if report.state is State.FINISHED:
        _compare_again(source, target, progress)
        return
    with _snapshot(source) as connection:
        before = _facts(connection)
        instance = connection.execute(select(INSTANCE)).one()
        if report.state is State.EMPTY:
            claim_target(target, instance.id, config)
        for table in TABLES:
            for copied in copy_rows(table, source=connection, target=target):
                report.copied += copied
                progress(f"{table.name} copied", copied)
    _compare(source, target, before, progress)
    complete_target(target, instance)
    _analyze(target)


def _compare_again(source: Engine, target: Engine, progress: Callable[[str, int], None]) -> None:
    """It may be in use by now, so nobody is told to empty it."""
    with _snapshot(source) as connection:
        before = _facts(connection)
    try:
        _compare(source, target, before, progress)
    except MoveRefused:
        raise MoveRefused(
            "TO: it was a complete copy of FROM, and one of the two has changed since"
        ) from None


def _compare(
    source: Engine,
    target: Engine,
    before: dict[Table, tuple[int, int]],
    progress: Callable[[str, int], None],
) -> None:
    """With what the source holds now: whatever was written to it meanwhile is found."""
    with _snapshot(source) as connection:
        for table in TABLES:
            for compared in copy_rows(table, source=connection, target=target, compares_only=True):
                progress(f"{table.name} compared", compared)
    with _snapshot(source) as connection, _snapshot(target) as copy:
        now, there = _facts(connection), _facts(copy)
    for table in TABLES:
        if not before[table] == now[table] == there[table]:
            raise MoveRefused(
                f"{table.name}: (rows, versions) were {before[table]} in FROM, are {now[table]} "
                f"now, and {there[table]} in TO; let servers run with UPLOADS_READ_ONLY=true, and "
                "begin again with an empty TO"
            )


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """One state of the database, whatever is written meanwhile; a transaction of SQLite is that."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def _facts(connection: Connection) -> dict[Table, tuple[int, int]]:
    """Of each table how many rows it has, and what the versions of all of them add up to."""
    found = {}
    for table in TABLES:
        versions = func.sum(table.c.version) if "version" in table.c else literal(0)
        row = connection.execute(select(func.count(), versions).select_from(table)).one()
        found[table] = (int(row[0]), int(row[1] or 0))
    return found


def _analyze(target: Engine) -> None:
    """Have PostgreSQL know what it holds: it would plan its first queries for empty tables."""
    if target.dialect.name == "postgresql":
        with target.connect() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()
