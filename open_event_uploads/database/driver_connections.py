"""Connections to SQLite for one SELECT or one write at a time, without a pool's care.

They are returned in no transaction, so there is nothing to roll back, and a file's connection does
not die.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from sqlite3 import Connection as SqliteConnection
from threading import Lock
from typing import cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event

from open_event_uploads.database.driver_errors import sqlalchemy_errors

# As many as read at the same moment: a SELECT takes far less time than a request.
_MAX_IDLE = 16


class DriverConnections:
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
        """Take back a connection that is in no transaction."""
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


@contextmanager
def lent_connection(engine: Engine) -> Iterator[SqliteConnection]:
    """Lend a connection; after an error it is closed, because nobody knows its state.

    Raises:
        DBAPIError: the file cannot be opened.
    """
    connections = driver_connections(engine)
    with sqlalchemy_errors(None, engine.dialect):
        connection = connections.borrow(engine)
    try:
        yield connection
    except BaseException:
        connection.close()
        raise
    connections.give_back(connection)


_OF_ENGINES: WeakKeyDictionary[Engine, DriverConnections] = WeakKeyDictionary()
_mutex = Lock()


def driver_connections(engine: Engine) -> DriverConnections:
    """Return the connections of an engine; after the engine was disposed of, new ones."""
    found = _OF_ENGINES.get(engine)
    return _make(engine) if found is None else found


def _make(engine: Engine) -> DriverConnections:
    with _mutex:
        if engine not in _OF_ENGINES:
            _OF_ENGINES[engine] = DriverConnections()
            if not event.contains(engine, "engine_disposed", _close):
                event.listen(engine, "engine_disposed", _close)
        return _OF_ENGINES[engine]


def _close(engine: Engine) -> None:
    with _mutex:
        found = _OF_ENGINES.pop(engine, None)
    if found is not None:
        found.close()
