"""Find the pictures of an Open Event Server: of events, people and sponsors.

Its tables name the addresses of an original and of smaller images made from it (its `app/models/`);
the files are in its folder `static` or in a bucket (`app/api/helpers/storage.py`). A file that
several records name becomes one upload, with the words of the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from sqlalchemy import Row

from open_event_uploads.maintenance.import_sources.database import ForeignDatabase, read_time
from open_event_uploads.maintenance.import_sources.local_file import open_below
from open_event_uploads.maintenance.import_sources.open_event_people import People, full_name
from open_event_uploads.maintenance.import_sources.open_event_pictures import (
    PICTURES,
    Picture,
    select_rows,
)
from open_event_uploads.maintenance.import_sources.source import (
    ForeignFile,
    InvalidEntry,
    derive_upload_id,
)
from open_event_uploads.maintenance.import_sources.values import read_text

_NAME = "open-event"


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
            people = People(database)
            for picture in PICTURES:
                statement = select_rows(picture, database.columns_of(picture.table))
                if statement is not None:
                    for row in database.walk(statement):
                        yield self._file(picture, row, people)

    def _file(
        self, picture: Picture, row: Row[*tuple[Any, ...]], people: People
    ) -> ForeignFile | InvalidEntry:
        url = read_text(row.original)
        key = f"{picture.table}/{row.id} {picture.column}"
        path = local_path(url)
        if path is None:
            return InvalidEntry(key, f"{url} is at another site; see import --from urls")
        email, name = people.owner_of(picture, row)
        addresses = dict.fromkeys((url, f"{self.base_url}/static/{quote(path)}"))
        smaller = {
            read_text(getattr(row, each)): preset for each, preset in picture.variants.items()
        }
        return ForeignFile(
            key=key,
            open=partial(open_below, self.files, path),
            upload_id=derive_upload_id(_NAME, self.base_url, path),
            addresses=tuple(addresses),
            variants={
                each: preset for each, preset in smaller.items() if each and each not in addresses
            },
            values={
                "filename": path.rpartition("/")[2],
                "alt": read_text(row.name) or full_name(row),
                "credit": read_text(row.copyright),
            },
            owner=email,
            owner_name=name,
            created_at=read_time(row.created_at),
        )


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
