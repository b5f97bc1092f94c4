"""Insert many uploads into a SQLite database within seconds, by SQL alone.

`scale_rows` makes more varied rows, on any database, and takes minutes for a million.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from open_event_uploads.uploads.model import Upload

# A row is two seconds older than the next; ids and keys are in no order, as real ones are.
_VALUES = {
    "id": "printf('%08x-0000-4000-8000-%012x', (i * 2654435761) & 0xffffffff, i)",
    "key": "printf('%08x-0000-4000-9000-%012x.jpg', (i * 2246822519) & 0xffffffff, i)",
    "filename": "printf('photo %d.jpg', i)",
    "size": "1 + i * 7919 % 2000000",
    "checksum": "printf('sha256:%064x', i)",
    "received_checksum": "printf('sha256:%064x', i)",
    "created_at": "{moment}",
    "updated_at": "{moment}",
}
_MOMENT = "strftime('%Y-%m-%d %H:%M:%S', '2026-01-01', printf('+%d seconds', i * 2)) || '.000000'"
_FAST = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000", "temp_store = MEMORY")
_PARTS = """
SELECT type, name, sql FROM sqlite_master
WHERE tbl_name = 'uploads' AND type IN ('index', 'trigger') AND sql IS NOT NULL
"""


def multiply(database: Path, count: int) -> None:
    """Add copies of an upload to a migrated database, which nobody else may have open.

    Args:
        database: with at least one upload, which is copied.
        count: how many to add.
    """
    columns = [each.name for each in Upload.__table__.columns]
    values = [_VALUES.get(name, f"one.{name}").format(moment=_MOMENT) for name in columns]
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for each in _FAST:
            connection.execute(f"PRAGMA {each}")
        parts = connection.execute(_PARTS).fetchall()
        for kind, name, _ in parts:
            connection.execute(f"DROP {kind} {name}")
        connection.execute(
            f"""
            WITH RECURSIVE number (i) AS (
                SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < ?
            )
            INSERT INTO uploads ({", ".join(columns)})
            SELECT {", ".join(values)} FROM number, (SELECT * FROM uploads LIMIT 1) AS one
            """,  # noqa: S608 - names of our own
            (count,),
        )
        _fill_words(connection)
        for *_, statement in parts:
            connection.execute(statement)
        connection.execute("PRAGMA journal_mode = WAL")


def _fill_words(connection: sqlite3.Connection) -> None:
    """Fill the tables that triggers would fill."""
    connection.execute(
        "INSERT INTO upload_numbers (upload_id) SELECT id FROM uploads"
        " WHERE id NOT IN (SELECT upload_id FROM upload_numbers)"
    )
    connection.execute(
        "INSERT INTO upload_words (rowid, filename, alt) SELECT number, filename, alt"
        " FROM upload_numbers JOIN uploads ON id = upload_id"
        " WHERE number NOT IN (SELECT rowid FROM upload_words)"
    )
