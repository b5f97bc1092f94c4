"""Find the files of Strapi's media library in its database and its folder of uploads."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from sqlalchemy import Row, Select, select

from open_event_uploads.maintenance.import_sources.database import ForeignDatabase, read_time
from open_event_uploads.maintenance.import_sources.foreign_table import ForeignTable
from open_event_uploads.maintenance.import_sources.local_file import open_stored
from open_event_uploads.maintenance.import_sources.source import (
    ForeignFile,
    InvalidEntry,
    Size,
    derive_upload_id,
)
from open_event_uploads.maintenance.import_sources.values import (
    read_json,
    read_pixels,
    read_text,
    show,
)

_SYSTEM = "Strapi"
_FILE = ("id", "name", "hash", "ext", "url", "provider", "created_at", "created_by_id")
_OPTIONAL = ("alternative_text", "caption", "formats")
_USER = ("email", "firstname", "lastname")


@dataclass(frozen=True, slots=True, kw_only=True)
class Strapi:
    """The media library of Strapi 4 or 5 whose files are in a folder.

    Args:
        database: its address.
        files: the folder `public/uploads`; or one with the objects of a bucket.
        base_url: of Strapi.
    """

    database: str
    files: Path
    base_url: str = ""

    def walk(self) -> Iterator[ForeignFile | InvalidEntry]:
        """`Source.walk`."""
        with ForeignDatabase(self.database) as database:
            for row in database.walk(_select_files(database)):
                yield self._file(row)

    def _file(self, row: Row[Any]) -> ForeignFile | InvalidEntry:
        key, name = read_text(row.id), read_text(row.name)
        # Unlike the id, the hash stays the same when Strapi's own export and import move a project.
        hash_ = read_text(row.hash)
        if not hash_:
            return InvalidEntry(show(name), "the record has no hash")
        return ForeignFile(
            key=show(key, name),
            open=partial(
                open_stored, self.files, [f"{hash_}{read_text(row.ext)}"], read_text(row.provider)
            ),
            upload_id=derive_upload_id("strapi", self.base_url, hash_),
            addresses=_addresses(row.url),
            variants=_variants(row.formats),
            values={
                "filename": name,
                "alt": read_text(row.alternative_text),
                "caption": read_text(row.caption),
            },
            owner=read_text(row.email) or None,
            owner_name=f"{read_text(row.firstname)} {read_text(row.lastname)}".strip(),
            created_at=read_time(row.created_at),
        )


def _select_files(database: ForeignDatabase) -> Select[*tuple[Any, ...]]:
    files = ForeignTable(database, _SYSTEM, "files", _FILE, _OPTIONAL)
    users = ForeignTable(database, _SYSTEM, "admin_users", ("id", *_USER))
    return select(*files.columns(), *(users[each] for each in _USER)).join_from(
        files.clause, users.clause, files["created_by_id"] == users["id"], isouter=True
    )


def _addresses(url: object) -> tuple[str, ...]:
    """Return the address of a file: a path for one in the folder, or the URL of a bucket."""
    text = read_text(url)
    try:
        is_url = text.startswith("/") or bool(urlsplit(text).scheme)
    except ValueError:
        is_url = False
    # Strapi writes most of what has to be encoded into no name; the rest stays as it is.
    return (quote(text, safe="/:%?&=+,;@!'()~"),) if is_url else ()


def _variants(formats: object) -> dict[str, str | Size]:
    """Return the sizes of the smaller images by their addresses."""
    found = read_json(formats)
    if not isinstance(found, dict):
        return {}
    return {
        address: Size(read_pixels(image.get("width")), read_pixels(image.get("height")))
        for image in found.values()
        if isinstance(image, dict)
        for address in _addresses(image.get("url"))
    }
