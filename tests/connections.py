"""Notice requests that hold a connection to the database and take a second one.

If each of many requests held a connection and waited for a second one, none would get it.
"""

import traceback

from flask import has_request_context, request
from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry


class ConnectionsOfRequests:
    """Watches which connections the requests of one engine hold.

    Attributes:
        second: where second connections were taken.
    """

    def __init__(self, engine: Engine) -> None:
        self.second: list[str] = []
        self._holders: dict[ConnectionPoolEntry, object] = {}
        event.listen(engine, "checkout", self._take)
        event.listen(engine, "checkin", self._give_back)
        event.listen(engine, "detach", self._give_back)

    def _take(self, _connection: object, entry: ConnectionPoolEntry, _proxy: object) -> None:
        if not has_request_context():
            return
        taken = traceback.extract_stack(limit=30)
        if any(each.name == "_read_presets" for each in taken):
            return  # one thread reads presets at a time, so it waits for none that waits for it
        holder = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - the proxy is the same for all
        if any(each is holder for each in list(self._holders.values())):
            self.second.append("".join(traceback.format_list(taken)))
        self._holders[entry] = holder

    def _give_back(self, _connection: object, entry: ConnectionPoolEntry) -> None:
        self._holders.pop(entry, None)
