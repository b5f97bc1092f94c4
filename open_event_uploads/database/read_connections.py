"""Connections to SQLite that run one SELECT at a time, without a pool's care.

They are never in a transaction, so there is nothing to roll back, and a file's connection does not
die.
"""

from collections import deque
from contextlib import suppress
from sqlite3 import Connection as SqliteConnection
from threading import Lock
from typing import cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event

# As many as read at the same moment: a SELECT takes far less time than a request.
_MAX_IDLE = 16


class ReadConnections:
    """The idle connections of one engine.

    The last one that was returned is lent first: its cache is the freshest.
    """

    def __init__(self) -> None:
        self._idle: deque[SqliteConnection] = deque()
        self._closed = False

    def borrow(self, engine: Engine) -> SqliteConnection:
        """Return an idle connection, or a new one; the caller gives it back or closes it.

        Args:
            engine: makes a new one, prepared as all of its own.

        Raises:
            sqlite3.Error: the file cannot be opened.
        """
        with suppress(IndexError):
            return self._idle.pop()
        made = engine.raw_connection()
        connection = cast("SqliteConnection", made.driver_connection)
        made.detach()
        return connection

    def give_back(self, connection: SqliteConnection) -> None:
        """Take back a connection that has run its statement."""
        if len(self._idle) < _MAX_IDLE:
            self._idle.append(connection)
        else:
            connection.close()
        if self._closed:  # perhaps since it was lent
            self.close()

    def close(self) -> None:
        """Close all connections; those that are lent are closed when they are given back."""
        self._closed = True
        with suppress(IndexError):
            while True:
                self._idle.pop().close()


_OF_ENGINES: WeakKeyDictionary[Engine, ReadConnections] = WeakKeyDictionary()
_mutex = Lock()


def read_connections(engine: Engine) -> ReadConnections:
    """Return the connections of an engine; after the engine was disposed of, new ones."""
    found = _OF_ENGINES.get(engine)
    return _make(engine) if found is None else found


def _make(engine: Engine) -> ReadConnections:
    with _mutex:
        if engine not in _OF_ENGINES:
            _OF_ENGINES[engine] = ReadConnections()
            if not event.contains(engine, "engine_disposed", _close):
                event.listen(engine, "engine_disposed", _close)
        return _OF_ENGINES[engine]


def _close(engine: Engine) -> None:
    with _mutex:
        found = _OF_ENGINES.pop(engine, None)
    if found is not None:
        found.close()
