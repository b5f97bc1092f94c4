"""Find the users of an Open Event Server to whom its pictures belong."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, case, column, select, table

from open_event_uploads.maintenance.import_sources.database import ForeignDatabase
from open_event_uploads.maintenance.import_sources.open_event_pictures import Picture
from open_event_uploads.maintenance.import_sources.values import read_text

_USER_COLUMNS = ("id", "_email", "public_name", "first_name", "last_name")
_USERS = table("users", *map(column, _USER_COLUMNS))
_ROLES = table("roles", column("id"), column("name"))
_EVENT_ROLES = table(
    "users_events_roles", column("id"), column("event_id"), column("user_id"), column("role_id")
)


class People:
    """The users who own pictures.

    Args:
        database: of the Open Event Server.
    """

    def __init__(self, database: ForeignDatabase) -> None:
        self._database = database
        self._of_user = lru_cache(maxsize=1000)(self._find_user)
        self._of_event = lru_cache(maxsize=1000)(self._find_owner)

    def owner_of(self, picture: Picture, row: Row[*tuple[Any, ...]]) -> tuple[str | None, str]:
        """Return the email and the name of the owner of a row; None for nobody."""
        if picture.owner == "itself":
            return self._of_user(row.id)
        found: tuple[str | None, str] = (None, "")
        if picture.owner == "user" and row.user_id is not None:
            found = self._of_user(row.user_id)
        event_id = row.id if picture.table == "events" else row.event_id
        if picture.owner != "nobody" and found[0] is None and event_id is not None:
            found = self._of_event(event_id)
        return found

    def _find_user(self, user_id: int) -> tuple[str | None, str]:
        return self._first(select(_USERS).where(_USERS.c.id == user_id))

    def _find_owner(self, event_id: int) -> tuple[str | None, str]:
        """Return the owner of an event; of an old server, which knew no owners, an organizer."""
        rank = case((_ROLES.c.name == "owner", 0), else_=1)
        return self._first(
            select(_USERS)
            .join(_EVENT_ROLES, _EVENT_ROLES.c.user_id == _USERS.c.id)
            .join(_ROLES, _ROLES.c.id == _EVENT_ROLES.c.role_id)
            .where(_EVENT_ROLES.c.event_id == event_id)
            .where(_ROLES.c.name.in_(("owner", "organizer")))
            .order_by(rank, _EVENT_ROLES.c.id)
            .limit(1)
        )

    def _first(self, statement: Select[*tuple[Any, ...]]) -> tuple[str | None, str]:
        found = self._database.read(statement)
        return (read_text(found[0][1]) or None, full_name(found[0])) if found else (None, "")


def full_name(row: Row[*tuple[Any, ...]]) -> str:
    """Return the name of a user or a speaker; empty if there is none."""
    parts = (read_text(row.first_name), read_text(row.last_name))
    return read_text(row.public_name) or " ".join(filter(None, parts))
