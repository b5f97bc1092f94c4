"""A database to which another one moves: whether it may be written to, and how that is noted.

Until the copy is complete it keeps an instance id of its own, so that no server starts on it with
the storage of the other.
"""

from enum import Enum

from alembic import command
from alembic.config import Config
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

from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import Base, Id
from open_event_uploads.database.write import write
from open_event_uploads.errors import MoveRefused
from open_event_uploads.maintenance.check_schema import outdated
from open_event_uploads.maintenance.instance import Instance
from open_event_uploads.variants.model import SavedPreset

# Of which database this one holds a part; the table goes when it holds all.
_MOVING = Table("moving", MetaData(), Column("instance_id", Id, primary_key=True))

INSTANCE = Base.metadata.tables[Instance.__tablename__]

# Migrations fill these.
_SEEDED = frozenset({INSTANCE.name, SavedPreset.__tablename__})


class State(Enum):
    """What a database is for one that is about to move to it."""

    EMPTY = "empty"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"


def state_of(target: Engine, instance_id: str) -> State:
    """Look whether another database may move here.

    Args:
        target: the database to look at.
        instance_id: of the other.

    Raises:
        MoveRefused: it holds something else.
    """
    tables = inspect(target).get_table_names()
    with target.connect() as connection:
        if _MOVING.name in tables:
            if connection.scalar(select(_MOVING.c.instance_id)) == instance_id:
                return State.INTERRUPTED
            raise MoveRefused("TO: it is an interrupted copy of another database")
        if INSTANCE.name not in tables:
            if set(tables) - {"alembic_version"}:
                raise MoveRefused("TO: it has tables of another program")
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
                raise MoveRefused(f"TO: it is not empty: {count} rows in {table.name}")


def claim_target(target: Engine, instance_id: str, config: Config) -> None:
    """Migrate an empty database, and note whose copy it is going to be.

    Args:
        target: the database.
        instance_id: of the one that moves.
        config: Alembic's.
    """
    if outdated(target, config):
        config.attributes["engine"] = target
        command.upgrade(config, "head")

    def step(execute: Execute) -> None:
        execute(CreateTable(_MOVING))
        execute(insert(_MOVING), {"instance_id": instance_id})
        execute(delete(SavedPreset))

    write(target, step)


def complete_target(target: Engine, instance: Row[tuple[object, ...]]) -> None:
    """Make the copy the database that it is a copy of.

    Args:
        target: the database.
        instance: the row that says which.
    """

    def step(execute: Execute) -> None:
        execute(delete(INSTANCE))
        execute(insert(INSTANCE), instance._asdict())
        execute(DropTable(_MOVING))

    write(target, step)
