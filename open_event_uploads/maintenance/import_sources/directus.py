"""Find the files of Directus in its database and its folder of uploads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Row, Select, select

from open_event_uploads.database.types import is_id
from open_event_uploads.maintenance.import_sources.database import ForeignDatabase, read_time
from open_event_uploads.maintenance.import_sources.directus_access import PublicAccess
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

_SYSTEM = "Directus"
_NEEDED = ("id", "storage", "filename_disk", "filename_download", "uploaded_by")
# `created_on` is of Directus 10.13 and later, where `uploaded_on` changes with the bytes.
_OPTIONAL = ("title", "description", "created_on", "uploaded_on", "folder", "type")
_USER = ("email", "first_name", "last_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Directus:
    """A project of Directus 9 or later whose files are in a folder.

    Args:
        database: its address.
        files: the folder that `STORAGE_LOCAL_ROOT` names.
        base_url: the `PUBLIC_URL` of Directus.
    """

    database: str
    files: Path
    base_url: str = ""

    def walk(self) -> Iterator[ForeignFile | InvalidEntry]:
        """`Source.walk`."""
        with ForeignDatabase(self.database) as database:
            select_files = _select_files(database)
            access, presets = PublicAccess(database), _read_presets(database)
            for row in database.walk(select_files):
                yield self._file(row, access, presets)

    def _file(
        self, row: Row[Any], access: PublicAccess, presets: Mapping[str, Size]
    ) -> ForeignFile | InvalidEntry:
        key, name = read_text(row.id), read_text(row.filename_download)
        if not key:
            return InvalidEntry(show(name), "the record has no id")
        address = f"/assets/{quote(key, safe='')}"
        on_disk = read_text(row.filename_disk)
        return ForeignFile(
            key=show(key, name),
            open=partial(open_stored, self.files, [on_disk], read_text(row.storage)),
            upload_id=derive_upload_id("directus", self.base_url, key),
            # Directus looks at the 36 characters of the id alone.
            addresses=(address, f"{address}/{quote(name, safe='')}"),
            # Another id would begin the addresses of other files.
            prefixes=(address,) if is_id(key) else (),
            variants={
                f"{address}?key={quote(each, safe='')}": size for each, size in presets.items()
            },
            values={
                "filename": name,
                "alt": read_text(row.description),
                "caption": _own_title(read_text(row.title), name),
                "visibility": "public" if access.includes(row) else "private",
            },
            owner=read_text(row.email) or None,
            owner_name=f"{read_text(row.first_name)} {read_text(row.last_name)}".strip(),
            created_at=read_time(row.created_on) or read_time(row.uploaded_on),
        )


def _select_files(database: ForeignDatabase) -> Select[*tuple[Any, ...]]:
    files = ForeignTable(database, _SYSTEM, "directus_files", _NEEDED, _OPTIONAL)
    users = ForeignTable(database, _SYSTEM, "directus_users", ("id", *_USER))
    return select(*files.columns(), *(users[each] for each in _USER)).join_from(
        files.clause, users.clause, files["uploaded_by"] == users["id"], isouter=True
    )


def _read_presets(database: ForeignDatabase) -> dict[str, Size]:
    """Return the sizes that a project has named, by their keys."""
    name, presets = "directus_settings", "storage_asset_presets"
    if presets not in database.columns_of(name):
        return {}
    settings = ForeignTable(database, _SYSTEM, name, (presets,))
    found = [read_json(each) for (each,) in database.read(select(settings[presets]))]
    named = [each for row in found if isinstance(row, list) for each in row]
    return {
        key: Size(read_pixels(each.get("width")), read_pixels(each.get("height")))
        for each in named
        if isinstance(each, dict) and (key := read_text(each.get("key")))
    }


def _own_title(title: str, filename: str) -> str:
    """Return a title that people wrote; Directus makes one from the file's name without it."""
    stem = filename.rpartition(".")[0]
    return "" if _letters(title) in {_letters(filename), _letters(stem)} else title


def _letters(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())
