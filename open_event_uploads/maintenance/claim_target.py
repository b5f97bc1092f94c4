"""Reserve the database to which another one is moved.

Until the copy is complete it keeps its own instance id, so that no server can start on it with the
storage of the other.
"""

from enum import Enum

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    Row,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.schema import CreateTable, DropTable

from open_event_uploads.database.migrations import Migrations
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import Base, Id
from open_event_uploads.database.write import write
from open_event_uploads.errors import MoveRefused
from open_event_uploads.maintenance.instance import Instance
from open_event_uploads.variants.model import SavedPreset

# Names the database of which this one is a partial copy; dropped when the copy is complete.
_MOVING = Table("moving", MetaData(), Column("instance_id", Id, primary_key=True))

INSTANCE = Base.metadata.tables[Instance.__tablename__]

# Tables that migrations fill.
_SEEDED = frozenset({INSTANCE.name, SavedPreset.__tablename__})


class State(Enum):
    """Describe what a target holds of the database that is moved to it."""

    EMPTY = "empty"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"


def state_of(target: Engine, instance_id: str) -> State:
    """Return what the target holds of another database.

    Raises:
        MoveRefused: the target holds something else.
    """
    tables = inspect(target).get_table_names()
    with target.connect() as connection:
        if _MOVING.name in tables:
            if connection.scalar(select(_MOVING.c.instance_id)) == instance_id:
                return State.INTERRUPTED
            raise MoveRefused("TO: it is a partial copy of another database; name an empty one")
        if INSTANCE.name not in tables:
            if set(tables) - {"alembic_version"}:
                raise MoveRefused("TO: it has tables of another program; name an empty database")
            return State.EMPTY
        if connection.scalar(select(INSTANCE.c.id)) == instance_id:
            return State.FINISHED
        _check_empty(connection, tables)
    return State.EMPTY


def _check_empty(connection: Connection, there: list[str]) -> None:
    for table in Base.metadata.sorted_tables:
        if table.name in there and table.name not in _SEEDED:
            count = connection.scalar(select(func.count()).select_from(table))
            if count:
                raise MoveRefused(
                    f"TO: it has {count} rows in {table.name}; name an empty database"
                )


def claim_target(target: Engine, instance_id: str, migrations: Migrations) -> None:
    """Migrate an empty database, and mark it as a partial copy."""
    if migrations.is_outdated(target):
        migrations.upgrade(engine=target)

    def step(execute: Execute) -> None:
        execute(CreateTable(_MOVING))
        execute(insert(_MOVING), {"instance_id": instance_id})
        execute(delete(SavedPreset))

    write(target, step)


def complete_target(target: Engine, instance: Row[tuple[object, ...]]) -> None:
    """Give a complete copy the instance id of the database that was moved."""

    def step(execute: Execute) -> None:
        execute(delete(INSTANCE))
        execute(insert(INSTANCE), instance._asdict())
        execute(DropTable(_MOVING))

    write(target, step)
