"""Match rows that a full-text index of SQLite does not hold yet, by the rules of that index.

Rows are indexed in batches (`migrations/versions/20261129_words.py`). The few that wait are matched
by an index in memory with the same definition (FTS5), so that the rules stand in the database only.
"""

import json
from functools import partial
from sqlite3 import Connection, connect
from typing import Any


def add_matching(connection: Connection) -> None:
    """Add the aggregate function `fts5_matching` to a connection.

    `fts5_matching(table, definition, query, number, text, …)` returns the numbers of the rows that
    match, as a JSON array. The definition is the statement that created the table; texts are in the
    order of its columns.
    """
    # typeshed knows aggregates of one number only.
    matching: Any = partial(_Matching, _MemoryIndexes())
    connection.create_aggregate("fts5_matching", -1, matching)


class _MemoryIndexes:
    """The indexes in memory of one connection, by their definitions."""

    def __init__(self) -> None:
        self._indexes: dict[str, Connection] = {}

    def open_empty(self, definition: str) -> Connection:
        """Return an empty index; it is made when it is needed first: few connections search."""
        if definition not in self._indexes:
            # SQLite lets one thread at a time use the connection to which the function belongs.
            made = connect(":memory:", isolation_level=None, check_same_thread=False)
            made.execute(definition)
            self._indexes[definition] = made
        return self._indexes[definition]

    def __del__(self) -> None:
        # SQLite lets go of the function, and so of this, when it closes the connection.
        for each in self._indexes.values():
            each.close()


class _Matching:
    """The rows of one query, of which some match.

    Args:
        indexes: in memory, of any definition.
    """

    def __init__(self, indexes: _MemoryIndexes) -> None:
        self._indexes = indexes
        self._numbers: list[int] = []
        self._texts: list[tuple[str, ...]] = []
        self._table = self._definition = self._query = ""

    def step(self, table: str, definition: str, query: str, number: int, *texts: str) -> None:
        """Take a row."""
        self._table, self._definition, self._query = table, definition, query
        self._numbers.append(number)
        self._texts.append(texts)

    def finalize(self) -> str:
        """Return the numbers of the rows that match."""
        return json.dumps(self._matching() if self._numbers else [])

    def _matching(self) -> list[int]:
        index, table = self._indexes.open_empty(self._definition), self._table
        places = ", ".join("?" * len(self._texts[0]))
        index.execute("BEGIN")
        try:
            index.executemany(f"INSERT INTO {table} VALUES ({places})", self._texts)  # noqa: S608 - a name of our own
            found = f"SELECT rowid FROM {table} WHERE {table} MATCH ?"  # noqa: S608 - the same
            # The index was empty: its rows are counted from 1.
            return [self._numbers[row - 1] for (row,) in index.execute(found, (self._query,))]
        finally:
            index.execute("ROLLBACK")
