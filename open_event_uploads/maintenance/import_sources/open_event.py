"""Find the pictures of an Open Event Server: of events, people and sponsors.

Its tables name the addresses of an original and of smaller images made from it (its `app/models/`);
the files are in its folder `static` or in a bucket (`app/api/helpers/storage.py`). A file that
several records name becomes one upload, with the words of the first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

from sqlalchemy import Row, Select, case, column, null, select, table

from open_event_uploads.maintenance.import_sources.database import ForeignDatabase, read_time
from open_event_uploads.maintenance.import_sources.local_file import opener_below
from open_event_uploads.maintenance.import_sources.source import (
    ForeignFile,
    InvalidEntry,
    derive_upload_id,
)

_NAME = "open-event"

# The presets that the server has by default have the sizes of the Open Event Server.
_WIDE = {
    "large_image_url": "large",
    "thumbnail_image_url": "thumbnail",
    "icon_image_url": "icon",
}
_SQUARE = {
    "thumbnail_image_url": "thumbnail-square",
    "small_image_url": "small",
    "icon_image_url": "icon-square",
}


@dataclass(frozen=True, slots=True)
class _Picture:
    """A column with the address of an original.

    Args:
        table, column: where it is.
        owner: whose it is: of the event of the row, of the user who is the row or whom it names.
        variants: columns with addresses of smaller images, with the preset that replaces each.
    """

    table: str
    column: str
    owner: Literal["nobody", "event", "itself", "user"] = "event"
    variants: Mapping[str, str] = field(default_factory=dict[str, str])


# Shared pictures come first, so that they get their own words and no owner.
_PICTURES = (
    _Picture("event_topics", "system_image_url", "nobody"),
    _Picture("custom_placeholders", "original_image_url", "nobody", _WIDE),
    _Picture("events", "original_image_url", variants=_WIDE),
    _Picture("events", "logo_url"),
    _Picture("speaker", "photo_url", "user", _SQUARE),
    _Picture("sponsors", "logo_url"),
    _Picture("exhibitors", "banner_url", variants={"thumbnail_image_url": "thumbnail"}),
    _Picture("exhibitors", "logo_url"),
    _Picture("groups", "banner_url", "user"),
    _Picture("groups", "logo_url", "user"),
    _Picture("users", "original_image_url", "itself", _SQUARE),
    _Picture("users", "avatar_url", "itself"),
)

# Read where the table has them.
_WORDS = ("name", "public_name", "first_name", "last_name", "copyright", "created_at")

_USER_COLUMNS = ("id", "_email", "public_name", "first_name", "last_name")
_USERS = table("users", *map(column, _USER_COLUMNS))
_ROLES = table("roles", column("id"), column("name"))
_EVENT_ROLES = table(
    "users_events_roles", column("id"), column("event_id"), column("user_id"), column("role_id")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEvent:
    """An Open Event Server.

    Args:
        database: its address.
        files: its folder `static`, or one whose folder `media` is a copy of its bucket.
        base_url: of the server, such as https://api.example.org.
    """

    database: str
    files: Path
    base_url: str

    def walk(self) -> Iterator[ForeignFile | InvalidEntry]:
        """`Source.walk`."""
        with ForeignDatabase(self.database) as database:
            database.check_tables(
                "the Open Event Server", "events", "users", "roles", "users_events_roles"
            )
            people = _People(database)
            for picture in _PICTURES:
                statement = _select(picture, database.columns_of(picture.table))
                if statement is not None:
                    for row in database.walk(statement):
                        yield self._file(picture, row, people)

    def _file(
        self, picture: _Picture, row: Row[*tuple[Any, ...]], people: "_People"
    ) -> ForeignFile | InvalidEntry:
        url = str(row.original)
        key = f"{picture.table}/{row.id} {picture.column}"
        path = local_path(url)
        if path is None:
            return InvalidEntry(key, f"{url} is at another site; see import --from urls")
        email, name = people.owner_of(picture, row)
        addresses = dict.fromkeys((url, f"{self.base_url}/static/{quote(path)}"))
        smaller = {getattr(row, each): preset for each, preset in picture.variants.items()}
        return ForeignFile(
            key=key,
            open=opener_below(self.files, path),
            upload_id=derive_upload_id(_NAME, self.base_url, path),
            addresses=tuple(addresses),
            variants={
                str(each): preset
                for each, preset in smaller.items()
                if each and each not in addresses
            },
            values={
                "filename": path.rpartition("/")[2],
                "alt": row.name or _full_name(row),
                "credit": row.copyright,
            },
            owner=email,
            owner_name=name,
            created_at=read_time(row.created_at),
        )


class _People:
    """The users who own pictures."""

    def __init__(self, database: ForeignDatabase) -> None:
        self._database = database
        self._of_user = lru_cache(maxsize=1000)(self._find_user)
        self._of_event = lru_cache(maxsize=1000)(self._find_owner)

    def owner_of(self, picture: _Picture, row: Row[*tuple[Any, ...]]) -> tuple[str | None, str]:
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
        return (found[0][1], _full_name(found[0])) if found else (None, "")


def local_path(url: str) -> str | None:
    """Return the path of a file in the folder `static`; None for one at another site.

    Args:
        url: as the server wrote it: below `/static/`, at its static domain below `/media/`, in a
            bucket of Amazon S3, or in one of Google, which is the first part of the path.
    """
    try:
        parts = urlsplit(url)
        host, path = parts.hostname or "", unquote(parts.path)
    except ValueError:
        return None
    if path.startswith("/static/"):
        return path.removeprefix("/static/")
    if path.startswith("/media/"):
        return path[1:]
    if host.endswith(".amazonaws.com"):
        return f"media{path}"
    if host == "storage.googleapis.com":
        return f"media/{path[1:].partition('/')[2]}"
    return None


def _select(picture: _Picture, columns: frozenset[str]) -> Select[*tuple[Any, ...]] | None:
    """Return the rows with an address; None if this version has no such column."""
    if picture.column not in columns:
        return None
    rows = table(picture.table, *map(column, sorted(columns)))
    original = rows.c[picture.column]
    names = (*picture.variants, *_WORDS, "event_id", "user_id")
    found = [rows.c[each] if each in columns else null().label(each) for each in names]
    statement = select(rows.c.id, original.label("original"), *found)
    statement = statement.where(original.is_not(None), original != "")
    return statement.where(rows.c.deleted_at.is_(None)) if "deleted_at" in columns else statement


def _full_name(row: Row[*tuple[Any, ...]]) -> str:
    return row.public_name or " ".join(filter(None, (row.first_name, row.last_name)))
