"""How the database finds what is asked of it: every SELECT of a request, explained.

SQLite's EXPLAIN QUERY PLAN and PostgreSQL's EXPLAIN, of the statements as the program sent them.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event

# Below, PostgreSQL rightly prefers reading a small table to asking an index.
_LARGE_ROWS = 50_000

# A number of all, or a sum: reading everything that is counted is its work.
_COUNTS = re.compile(r"SELECT (?:count|coalesce)\(", re.IGNORECASE)
_READS_ALL = re.compile(r"^SCAN uploads(?! USING)|Seq Scan on uploads\b", re.MULTILINE)
_INDEX = re.compile(r"USING (?:COVERING )?INDEX|VIRTUAL TABLE INDEX|\bIndex (?:Only )?Scan\b")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the database does for one statement.

    Args:
        statement: as it was sent.
        steps: as the database describes them.
    """

    statement: str
    steps: str

    @property
    def counts(self) -> bool:
        """Whether it asks how many there are, and not which."""
        return _COUNTS.match(self.statement) is not None

    @property
    def uses_an_index(self) -> bool:
        """Whether uploads are found by an index, or walked in its order."""
        return _INDEX.search(self.steps) is not None

    @property
    def reads_all(self) -> bool:
        """Whether the whole table is read all the same."""
        return _READS_ALL.search(self.steps) is not None


@contextmanager
def recorded(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Note the statements that read uploads, each once, with what is bound in them."""
    found: dict[str, Any] = {}

    def note(_c: object, _u: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("SELECT") and "uploads" in statement:
            found.setdefault(statement, parameters)

    statements = list[tuple[str, Any]]()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
        statements.extend(found.items())


def explain(engine: Engine, statements: list[tuple[str, Any]]) -> list[Plan]:
    """Ask the database what it does for each."""
    is_sqlite = engine.dialect.name == "sqlite"
    verb = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN (COSTS OFF)"
    with engine.connect() as connection:
        return [
            Plan(
                statement,
                "\n".join(
                    str(row[-1])
                    for row in connection.exec_driver_sql(f"{verb} {statement}", parameters)
                ),
            )
            for statement, parameters in statements
        ]


def check(plans: list[Plan], *, rows: int, engine: Engine) -> None:
    """Stop the run where uploads are looked for without an index.

    Raises:
        AssertionError: they are, in a table that is large.
    """
    if engine.dialect.name != "sqlite" and rows < _LARGE_ROWS:
        return
    for plan in plans:
        assert plan.counts or plan.uses_an_index, f"{plan.statement}\n{plan.steps}"
