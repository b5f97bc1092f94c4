"""Measure what the row of an upload costs SQLite: `python -m bench.commits`.

It inserts rows as the program does: one in a commit, four in a commit, then without the index of
words, then with only the indexes that the floor has. A page is what SQLite writes to its log for
each part of a table or an index that a commit changed: 4 KiB and a checksum.
"""

import tempfile
import time
import uuid
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection, connect

from bench.in_process import make_product, silence
from open_event_uploads.context import db
from open_event_uploads.database.types import new_id
from open_event_uploads.uploads.model import Upload

_COMMITS, _ROWS_BEFORE = 400, 3000
_FRAME_BYTES = 4096 + 24  # the file format of a write-ahead log, section 4.1
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=0")
_KEPT = "ix_uploads_created_at_id_expires_at"
_INDEXES = (
    "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'uploads' AND sql > ''"
)


def main() -> None:
    """Print pages and times of one row."""
    with tempfile.TemporaryDirectory() as folder:
        with silence():
            app = make_product(Path(folder))
            with app.app_context():
                database = Path(str(db.engine.url.database))
                db.engine.dispose()
        with closing(connect(database, isolation_level=None)) as connection:
            for each in _PRAGMAS:
                connection.execute(f"PRAGMA {each}")
            _insert(connection, _ROWS_BEFORE, together=100)
            _report("one row a commit", connection, database)
            _report("four rows a commit", connection, database, together=4)
            connection.execute("DROP TRIGGER upload_words_insert")
            _report("without the index of words", connection, database)
            for (name,) in connection.execute(_INDEXES).fetchall():
                if name != _KEPT:
                    connection.execute(f"DROP INDEX {name}")
            _report("with the floor's indexes alone", connection, database)


def _report(name: str, connection: Connection, database: Path, together: int = 1) -> None:
    log = database.with_name(database.name + "-wal")
    size, wall, processor = log.stat().st_size, time.perf_counter(), time.thread_time()
    _insert(connection, _COMMITS * together, together=together)
    wall, processor = time.perf_counter() - wall, time.thread_time() - processor
    rows = _COMMITS * together
    pages = (log.stat().st_size - size) / _FRAME_BYTES / rows
    print(
        f"{name:32} {pages:5.1f} pages, {processor / rows * 1000:.2f} ms of processor time, "
        f"{wall / rows * 1000:.2f} ms in all"
    )


def _insert(connection: Connection, rows: int, *, together: int) -> None:
    columns = [each.name for each in Upload.__table__.columns]
    statement = (
        f"INSERT INTO uploads ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - names of our own
    )
    for _ in range(rows // together):
        connection.execute("BEGIN IMMEDIATE")
        for _ in range(together):
            row = _row()
            connection.execute(statement, [row.get(name) for name in columns])
        connection.execute("COMMIT")


def _row() -> dict[str, object]:
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    checksum = f"sha256:{uuid.uuid4().hex * 2}"
    return {
        "id": new_id(),
        "key": f"{new_id()}.jpg",
        "status": "ready",
        "visibility": "public",
        "filename": "photo.jpg",
        "alt": "",
        "media_type": "image/jpeg",
        "size": 20_000 + uuid.uuid4().int % 1000,
        "checksum": checksum,
        "received_checksum": checksum,
        "width": 480,
        "height": 320,
        "frames": 1,
        "placeholder": "mSgGFwZoeId3d4iAd4iHeHiHd3eIeId4",
        "color": "#808080",
        "created_at": moment,
        "version": 1,
        "updated_at": moment,
    }


if __name__ == "__main__":
    main()
