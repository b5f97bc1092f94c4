"""Options for SQLite: durable, and safe for several threads and processes."""

from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from open_event_uploads.database.full_text import add_matching
from open_event_uploads.database.write_lock import WAIT_SECONDS, add_lock
from open_event_uploads.fault_points import is_left_out

_PRAGMAS = {
    "journal_mode": "WAL",  # readers do not wait for the writer
    "foreign_keys": "ON",
    "busy_timeout": int(WAIT_SECONDS * 1000),
}

# The execution option of a connection whose transaction will write.
WRITES = "uploads_writes"

# The execution option of an engine that only reads, on either database.
READ_ONLY = "uploads_read_only"


def configure_sqlite(engine: Engine, *, read_only: bool = False) -> None:
    """Make every connection of this engine durable, and its write transactions immediate.

    Args:
        engine: before its first connection.
        read_only: make the database refuse to change anything.
    """
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    database = engine.url.database
    if database and database != ":memory:":
        add_lock(engine, f"{database}-write-lock")
    if read_only:
        event.listen(engine, "connect", _only_read)


def _only_read(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA query_only=ON")


def _on_connect(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN comes too late and cannot be IMMEDIATE (SQLAlchemy, "Serializable
    # isolation / Savepoints / Transactional DDL").
    connection.isolation_level = None
    for name, value in _PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={value}")
    set_flushing(connection, flushes=True)
    add_matching(connection)


def set_flushing(connection: SqliteConnection, *, flushes: bool) -> None:
    """Decide whether the next commits survive a power cut; WAL's default may lose the last ones.

    A commit that flushes makes those before it durable too: they are before it in the same file.
    """
    level = "FULL" if flushes and not is_left_out("commit") else "NORMAL"
    connection.execute(f"PRAGMA synchronous={level}")


def _on_begin(connection: Connection) -> None:
    # Reading first and writing later in one deferred transaction fails at once when another
    # writer came between (SQLITE_BUSY_SNAPSHOT), whatever the busy timeout.
    options = connection.get_execution_options()
    writes = options.get(WRITES, False) and not options.get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
