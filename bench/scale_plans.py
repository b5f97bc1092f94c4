"""Explain the SELECTs of a request, and check that they use an index.

It uses SQLite's EXPLAIN QUERY PLAN and PostgreSQL's EXPLAIN, on the statements of the program.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event

# Below, PostgreSQL rightly reads a small table rather than an index.
_LARGE_ROWS = 50_000

# Counts and sums must read all that they count.
_COUNTS = re.compile(r"SELECT (?:count|coalesce)\(", re.IGNORECASE)
_READS_ALL = re.compile(r"^SCAN uploads(?! USING)|Seq Scan on uploads\b", re.MULTILINE)
_INDEX = re.compile(r"USING (?:COVERING )?INDEX|VIRTUAL TABLE INDEX|\bIndex (?:Only )?Scan\b")


@dataclass(frozen=True, slots=True)
class Plan:
    """The query plan of one statement.

    Args:
        statement: that was sent.
        steps: as the database describes them.
    """

    statement: str
    steps: str

    @property
    def counts(self) -> bool:
        """Return True if the statement counts or sums."""
        return _COUNTS.match(self.statement) is not None

    @property
    def uses_an_index(self) -> bool:
        """Return True if the statement finds or orders uploads by an index."""
        return _INDEX.search(self.steps) is not None

    @property
    def reads_all(self) -> bool:
        """Return True if the statement reads the whole table."""
        return _READS_ALL.search(self.steps) is not None


@contextmanager
def recorded(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Record the statements that read uploads, each once, with their parameters."""
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
    """Return the query plan of each statement."""
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
    """Raise an error if a statement finds uploads without an index.

    Raises:
        AssertionError: one does, in a large table.
    """
    if engine.dialect.name != "sqlite" and rows < _LARGE_ROWS:
        return
    for plan in plans:
        assert plan.counts or plan.uses_an_index, f"{plan.statement}\n{plan.steps}"
