"""Give a test the database of another system, on SQLite or PostgreSQL."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Json

_HERE = Path(__file__).parent
# The types of the columns that these systems make on PostgreSQL, by those on SQLite.
_TYPES = {
    "char(36)": "uuid",
    "float": "double precision",
    "json": "jsonb",
}


def fixture(name: str) -> Path:
    """Return the folder of a fixture, such as `directus/10`."""
    return _HERE / name


def answers_of(name: str) -> dict[str, str]:
    """Return the file that the system itself answered at each address, by its first name."""
    found: dict[str, str] = json.loads((fixture(name) / "answers.json").read_text("utf-8"))
    return found


def load_sqlite(name: str, target: Path) -> sqlite3.Connection:
    """Load a database into an SQLite file."""
    connection = sqlite3.connect(target)
    connection.executescript((fixture(name) / "database.sql").read_text("utf-8"))
    connection.commit()
    return connection


def load_postgres(source: sqlite3.Connection, url: str, times: str) -> None:
    """Copy the tables of an SQLite database to PostgreSQL, with the types that they have there.

    Args:
        source: the database.
        url: of an empty one.
        times: the type of its times.
    """
    types = {**_TYPES, "datetime": times, "datetime(6)": times}
    tables = source.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    # A time without a zone is in UTC.
    with psycopg.connect(url, options="-c timezone=UTC") as target:
        for (table,) in tables:
            columns = [
                (name, type_.lower())
                for _, name, type_, *_ in source.execute(f'PRAGMA table_info("{table}")')
            ]
            stated = [
                sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(types.get(type_, type_)))
                for name, type_ in columns
            ]
            create = sql.SQL("CREATE TABLE {} ({})")
            target.execute(create.format(sql.Identifier(table), sql.SQL(", ").join(stated)))
            places = sql.SQL(", ").join([sql.Placeholder()] * len(columns))
            insert = sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(table), places)
            for row in source.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - its own name
                values = [
                    _value(each, type_) for each, (_, type_) in zip(row, columns, strict=True)
                ]
                target.execute(insert, values)


def _value(value: Any, type_: str) -> object:  # noqa: ANN401 - any value of SQLite
    if value is None:
        return None
    if type_.startswith("datetime") and isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC).replace(tzinfo=None)
    if type_ == "json":
        return Json(json.loads(value))
    return bool(value) if type_ == "boolean" else value
