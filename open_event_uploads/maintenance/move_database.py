"""Move a database to another server, or from SQLite to PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, Table, func, literal, select, text

from open_event_uploads.database.migrations import Migrations
from open_event_uploads.database.types import Base
from open_event_uploads.errors import MoveRefused
from open_event_uploads.maintenance.check_schema import check_encoding
from open_event_uploads.maintenance.claim_target import (
    INSTANCE,
    State,
    claim_target,
    complete_target,
    state_of,
)
from open_event_uploads.maintenance.copy_rows import copy_rows


@dataclass(slots=True)
class MoveReport:
    """Report on a move.

    Args:
        state: of the target before the move.
        tables: the number of rows by table.
        copied: rows copied in this run.
    """

    state: State
    tables: dict[str, int] = field(default_factory=dict)
    copied: int = 0

    @property
    def rows(self) -> int:
        """Return the number of rows of all tables."""
        return sum(self.tables.values())


def survey(*, source: Engine, target: Engine, migrations: Migrations) -> MoveReport:
    """Check whether one database can be moved to another, and count its rows; write nothing.

    Raises:
        MoveRefused: the source has another schema, or the target holds something else.
        UnfitDatabase: the target has an unsuitable encoding or locale.
    """
    check_encoding(target, setting="TO")
    if not migrations.is_current(source):
        raise MoveRefused(
            "FROM: its schema is not that of this program; run `open-event-uploads db upgrade` "
            "on it first, or use the version that last migrated it"
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
    migrations: Migrations,
    progress: Callable[[str, int], None] = lambda *_: None,
) -> None:
    """Copy every row, then compare every row; an interrupted run can be started again.

    Args:
        report: of `survey`; the number of copied rows is added to it.
        source: the database to copy; nothing may write to it meanwhile.
        target: the database to copy to.
        migrations: of this program.
        progress: is called with the step and the number of further rows.

    Raises:
        MoveRefused: the copy differs, because something wrote to the source.
    """
    if report.state is State.FINISHED:
        _compare_again(source, target, progress)
        return
    with _snapshot(source) as connection:
        before = _facts(connection)
        instance = connection.execute(select(INSTANCE)).one()
        if report.state is State.EMPTY:
            claim_target(target, instance.id, migrations)
        for table in _tables():
            for copied in copy_rows(table, source=connection, target=target):
                report.copied += copied
                progress(f"{table.name} copied", copied)
    _compare(source, target, before, progress)
    complete_target(target, instance)
    _analyze(target)


def _compare_again(source: Engine, target: Engine, progress: Callable[[str, int], None]) -> None:
    """Compare a finished copy; the error does not say to empty it, because it may be in use."""
    with _snapshot(source) as connection:
        before = _facts(connection)
    try:
        _compare(source, target, before, progress)
    except MoveRefused:
        raise MoveRefused(
            "TO: it was a complete copy of FROM, but one of the two has changed since"
        ) from None


def _compare(
    source: Engine,
    target: Engine,
    before: dict[Table, tuple[int, int]],
    progress: Callable[[str, int], None],
) -> None:
    """Compare the target with the source's present state, which shows writes since the copy."""
    with _snapshot(source) as connection:
        for table in _tables():
            for compared in copy_rows(table, source=connection, target=target, compares_only=True):
                progress(f"{table.name} compared", compared)
    with _snapshot(source) as connection, _snapshot(target) as copy:
        now, there = _facts(connection), _facts(copy)
    for table in _tables():
        if not before[table] == now[table] == there[table]:
            raise MoveRefused(
                f"{table.name}: (rows, versions) were {before[table]} in FROM, are {now[table]} "
                f"now, and {there[table]} in TO; run servers with UPLOADS_READ_ONLY=true, and "
                "start again with an empty TO"
            )


def _tables() -> list[Table]:
    """Return the tables, also of packages that were imported later; first what others refer to."""
    return [each for each in Base.metadata.sorted_tables if each is not INSTANCE]


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that sees one state of the database, as any transaction of SQLite does."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def _facts(connection: Connection) -> dict[Table, tuple[int, int]]:
    """Return the number of rows of each table, and the sum of their versions."""
    found = {}
    for table in _tables():
        versions = func.sum(table.c.version) if "version" in table.c else literal(0)
        row = connection.execute(select(func.count(), versions).select_from(table)).one()
        found[table] = (int(row[0]), int(row[1] or 0))
    return found


def _analyze(target: Engine) -> None:
    """Update PostgreSQL's statistics; without, it would plan queries for empty tables."""
    if target.dialect.name == "postgresql":
        with target.connect() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()
