"""Store the files and rows of the floor, as durably as the product does.

A file is written, flushed and renamed, and its folder flushed. A row is one INSERT in a transaction
of its own, under a lock between threads and processes.
"""

import fcntl
import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000")

COLUMNS = (
    "id", "key", "status", "filename", "alt", "media_type", "size", "checksum",
    "width", "height", "frames", "created_at", "updated_at",
)  # fmt: skip
_NAMES = ", ".join(COLUMNS)

# The two indexes without which a list and a file would be slow to find.
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS uploads ({_NAMES}, PRIMARY KEY (id), UNIQUE (key));
CREATE INDEX IF NOT EXISTS ix_uploads_created_at_id ON uploads (created_at, id);
"""
_INSERT = f"INSERT INTO uploads ({_NAMES}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - names of our own
_BY_ID = f"SELECT {_NAMES} FROM uploads WHERE id = ?"  # noqa: S608 - names of our own
_PAGE = f"SELECT {_NAMES} FROM uploads ORDER BY created_at DESC, id DESC LIMIT ?"  # noqa: S608 - names of our own
_BY_KEY = "SELECT media_type FROM uploads WHERE key = ? AND status = 'ready'"

Row = tuple[Any, ...]


class Store:
    """Files and rows below one folder.

    Args:
        folder: that exists; the first process prepares it.
    """

    def __init__(self, folder: Path) -> None:
        self._objects = folder / "objects"
        self._temporary = folder / "temporary"
        self._temporary.mkdir(exist_ok=True)
        for number in range(256):
            (self._objects / f"{number:02x}").mkdir(parents=True, exist_ok=True)
        self._database = folder / "floor.db"
        self._local = threading.local()
        self._threads = threading.Lock()
        self._processes = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        self._connection().executescript(_SCHEMA)

    def write_file(self, key: str, content: bytes) -> None:
        """Write a file durably: its bytes first, then its name."""
        temporary, path = self._temporary / key, self._path(key)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.rename(path)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def insert(self, row: Row) -> None:
        """Commit one row, under the kernel's lock, which is cheaper than SQLite's polling."""
        connection = self._connection()
        with self._threads:
            fcntl.flock(self._processes, fcntl.LOCK_EX)
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(_INSERT, row)
                connection.execute("COMMIT")
            finally:
                fcntl.flock(self._processes, fcntl.LOCK_UN)

    def read_file(self, key: str) -> tuple[str, bytes]:
        """Return the media type of a key, from its row, and its bytes."""
        (media_type,) = self._connection().execute(_BY_KEY, (key,)).fetchone()
        return media_type, self._path(key).read_bytes()

    def one(self, id_: str) -> Row:
        """Return the row with this id."""
        found: Row = self._connection().execute(_BY_ID, (id_,)).fetchone()
        return found

    def page(self, size: int) -> tuple[list[Row], int]:
        """Return the newest rows, and the number of all."""
        connection = self._connection()
        (count,) = connection.execute("SELECT count(*) FROM uploads").fetchone()
        return connection.execute(_PAGE, (size,)).fetchall(), count

    def _path(self, key: str) -> Path:
        return self._objects / key[:2] / key

    def _connection(self) -> sqlite3.Connection:
        """Return the connection of this thread."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self._database, isolation_level=None)
            for pragma in _PRAGMAS:
                found.execute(f"PRAGMA {pragma}")
            self._local.connection = found
        return found
