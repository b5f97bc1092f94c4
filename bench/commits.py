"""Measure what the row of an upload costs SQLite: `python -m bench.commits`.

It inserts rows by the functions of the program: one in a commit, four in a commit, then without the
index of words, then with only the indexes that the floor has. A page is what SQLite writes to its
log for each part of a table or an index that a commit changed: 4 KiB and a checksum.
"""

import tempfile
import time
import uuid
from contextlib import closing
from functools import partial
from pathlib import Path
from sqlite3 import Connection, connect

from sqlalchemy import Dialect

from bench.in_process import make_product, silence
from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.context import db
from open_event_uploads.database.sqlite_transaction import Job, run_jobs
from open_event_uploads.database.statement import Execute
from open_event_uploads.storage.keys import new_key
from open_event_uploads.uploads.fields import Values
from open_event_uploads.uploads.quota import count_bytes
from open_event_uploads.uploads.rows import UploadRows

_COMMITS, _ROWS_BEFORE = 400, 3000
_FRAME_BYTES = 4096 + 24  # the file format of a write-ahead log, section 4.1
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=0")
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
                database, dialect = Path(str(db.engine.url.database)), db.engine.dialect
                owner_id = create_user(NewUser("Bench"), engine=db.engine).id
                db.engine.dispose()
        with closing(connect(database, isolation_level=None)) as connection:
            for each in _PRAGMAS:
                connection.execute(f"PRAGMA {each}")
            insert = partial(_insert, connection, dialect, owner_id)
            measured = partial(_report, insert, database.with_name(f"{database.name}-wal"))
            insert(_ROWS_BEFORE // 32, together=32)
            measured("one row a commit")
            measured("four rows a commit", together=4)
            connection.execute("DROP TRIGGER upload_words_insert")
            measured("without the index of words")
            for (name,) in connection.execute(_INDEXES).fetchall():
                if name != _KEPT:
                    connection.execute(f"DROP INDEX {name}")
            measured("with the floor's indexes alone")


def _report(insert: partial[None], log: Path, name: str, together: int = 1) -> None:
    size, wall, processor = log.stat().st_size, time.perf_counter(), time.thread_time()
    insert(_COMMITS, together=together)
    wall, processor = time.perf_counter() - wall, time.thread_time() - processor
    rows = _COMMITS * together
    pages = (log.stat().st_size - size) / _FRAME_BYTES / rows
    print(
        f"{name:32} {pages:5.1f} pages, {processor / rows * 1000:.2f} ms of processor time, "
        f"{wall / rows * 1000:.2f} ms in all"
    )


def _insert(
    connection: Connection, dialect: Dialect, owner_id: str, commits: int, *, together: int
) -> None:
    for _ in range(commits):
        jobs = [Job(partial(_step, _values(owner_id))) for _ in range(together)]
        run_jobs(jobs, connection, dialect)


def _step(values: Values, execute: Execute) -> None:
    """Do what `write_uploads` does in its transaction."""
    rows = UploadRows(execute)
    rows.insert(values)
    count_bytes(rows.ledger, execute=execute)


def _values(owner_id: str) -> Values:
    """Return what `new_columns` returns; every other column has its default."""
    number = uuid.uuid4()
    checksum = f"sha256:{number.hex * 2}"
    return {
        "key": new_key("jpg", private=False),
        "filename": "photo.jpg",
        "media_type": "image/jpeg",
        "size": 20_000 + number.int % 1000,
        "checksum": checksum,
        "received_checksum": checksum,
        "width": 480,
        "height": 320,
        "frames": 1,
        "placeholder": "mSgGFwZoeId3d4iAd4iHeHiHd3eIeId4",
        "color": "#808080",
        "owner_id": owner_id,
    }


if __name__ == "__main__":
    main()
