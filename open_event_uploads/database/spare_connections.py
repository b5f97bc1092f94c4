"""Connections to SQLite that are asked one question at a time, and so need none of a pool's care.

There is nothing to roll back, and none that dies.
"""

from collections import deque
from contextlib import suppress
from sqlite3 import Connection as SqliteConnection
from threading import Lock
from typing import cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event

# As many as are asked at the same moment: a question takes far less than a request.
_MOST_KEPT = 16


class SpareConnections:
    """Those of one engine that nobody asks anything right now.

    The one that was used last comes first: it remembers what it read.
    """

    def __init__(self) -> None:
        self._free: deque[SqliteConnection] = deque()
        self._ended = False

    def take(self, engine: Engine) -> SqliteConnection:
        """One for whoever asks; they give it back, or close it.

        Args:
            engine: makes one where none is free, and prepares it as all of its own.

        Raises:
            sqlite3.Error: the file cannot be opened.
        """
        with suppress(IndexError):
            return self._free.pop()
        made = engine.raw_connection()
        connection = cast("SqliteConnection", made.driver_connection)
        made.detach()
        return connection

    def give(self, connection: SqliteConnection) -> None:
        """Take one back that has answered."""
        if len(self._free) < _MOST_KEPT:
            self._free.append(connection)
        else:
            connection.close()
        if self._ended:  # perhaps since it was asked
            self.end()

    def end(self) -> None:
        """Close them; those that are out are closed when they come back."""
        self._ended = True
        with suppress(IndexError):
            while True:
                self._free.pop().close()


_OF_ENGINES: WeakKeyDictionary[Engine, SpareConnections] = WeakKeyDictionary()
_table = Lock()


def spare_connections(engine: Engine) -> SpareConnections:
    """Those of an engine, until it is disposed of; afterwards it has others."""
    found = _OF_ENGINES.get(engine)
    return _first(engine) if found is None else found


def _first(engine: Engine) -> SpareConnections:
    with _table:
        if engine not in _OF_ENGINES:
            _OF_ENGINES[engine] = SpareConnections()
            if not event.contains(engine, "engine_disposed", _end):
                event.listen(engine, "engine_disposed", _end)
        return _OF_ENGINES[engine]


def _end(engine: Engine) -> None:
    with _table:
        found = _OF_ENGINES.pop(engine, None)
    if found is not None:
        found.end()
