"""Keep of another system's database what the tests need, as SQL."""

import json
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

# What nobody needs to know of a test's database.
_SECRET = {"password", "token", "tfa_secret", "reset_password_token", "registration_token"}


def write_database(database: Path, target: Path, tables: Iterable[str]) -> None:
    """Write the tables of an SQLite database as SQL: their columns, and their rows without secrets.

    The types of the columns are those of the other system.
    """
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    lines = list[str]()
    for table in tables:
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        kept = [name for _, name, *_ in columns if name not in _SECRET]
        types = {name: type_ for _, name, type_, *_ in columns}
        stated = ", ".join(f'"{name}" {types[name]}' for name in kept)
        lines.append(f'CREATE TABLE "{table}" ({stated});')
        names = ", ".join(f'"{name}"' for name in kept)
        quoted = " || ', ' || ".join(f'quote("{name}")' for name in kept)
        rows = connection.execute(f'SELECT {quoted} FROM "{table}" ORDER BY 1')  # noqa: S608 - names of a schema
        lines += [f'INSERT INTO "{table}" ({names}) VALUES ({row[0]});' for row in rows]  # noqa: S608
    connection.close()
    target.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def write_answers(target: Path, answers: Mapping[str, str]) -> None:
    """Write which file the other system answered at each address, for the tests to compare."""
    target.write_text(json.dumps(answers, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def empty(folder: Path) -> Path:
    """Return a folder that is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
