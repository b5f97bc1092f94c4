"""The index in memory of rows that wait; searches themselves are tried over HTTP."""

import gc
import sqlite3
from contextlib import closing

import pytest

from open_event_uploads.database.full_text import add_matching

DEFINITION = "CREATE VIRTUAL TABLE words USING fts5(text)"
MATCHING = (
    "SELECT fts5_matching('words', ?, ?, number, text) FROM"
    " (SELECT 7 AS number, 'the main stage' AS text UNION SELECT 8, 'a plan')"
)


def connections() -> list[sqlite3.Connection]:
    return [each for each in gc.get_objects() if isinstance(each, sqlite3.Connection)]


def test_rows_that_wait_are_matched_and_the_index_is_closed_with_the_connection() -> None:
    before = {id(each) for each in connections()}
    with closing(sqlite3.connect(":memory:")) as connection:
        add_matching(connection)
        for query, expected in (("stage", "[7]"), ("plan", "[8]"), ("absent", "[]")):
            assert connection.execute(MATCHING, (DEFINITION, query)).fetchone() == (expected,)
        index, *others = [
            each for each in connections() if id(each) not in before and each is not connection
        ]
        assert others == []
        index.execute("SELECT 1")
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        index.execute("SELECT 1")
