"""Find the files of Rails' Active Storage in its database and the folder of its disk service."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Select, exists, select

from open_event_uploads.maintenance.import_sources.database import ForeignDatabase, read_time
from open_event_uploads.maintenance.import_sources.foreign_table import ForeignTable
from open_event_uploads.maintenance.import_sources.local_file import open_stored
from open_event_uploads.maintenance.import_sources.rails_addresses import (
    RailsAddresses,
    read_addresses,
)
from open_event_uploads.maintenance.import_sources.source import (
    ForeignFile,
    InvalidEntry,
    derive_upload_id,
)
from open_event_uploads.maintenance.import_sources.values import read_json, read_text, show

_SYSTEM = "Active Storage"
_BLOB = ("id", "key", "filename", "metadata", "created_at")
_ATTACHMENT = ("record_type", "blob_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveStorage:
    """The attached files of a Rails application, of version 5.2 or later.

    Args:
        database: its address.
        files: the folder of the disk service, `storage`; or one with the objects of a bucket.
        base_url: of the application.
        secret_file: with its `secret_key_base`; None to write no old addresses.
        signed_address: of any of its files; it shows how the application signs.
    """

    database: str
    files: Path
    base_url: str = ""
    secret_file: Path | None = None
    signed_address: str = ""

    def walk(self) -> Iterator[ForeignFile | InvalidEntry]:
        """`Source.walk`."""
        addresses = read_addresses(self.secret_file, self.signed_address)
        with ForeignDatabase(self.database) as database:
            for row in database.walk(_select_blobs(database)):
                yield self._file(row, addresses)

    def _file(self, row: Row[Any], addresses: RailsAddresses | None) -> ForeignFile | InvalidEntry:
        key, name = read_text(row.key), read_text(row.filename)
        if not key:
            return InvalidEntry(show(name), "the record has no key")
        # A disk service fans out into folders, a bucket does not.
        paths = [f"{key[:2]}/{key[2:4]}/{key}", key]
        custom = _read_custom(row.metadata)
        return ForeignFile(
            key=show(key, name),
            open=partial(open_stored, self.files, paths, read_text(row.service_name)),
            upload_id=derive_upload_id("active-storage", self.base_url, key),
            addresses=(addresses.original(row.id, name),) if addresses else (),
            prefixes=addresses.prefixes(row.id) if addresses else (),
            values={
                "filename": name,
                **{each: read_text(custom.get(each)) for each in ("alt", "caption", "credit")},
            },
            created_at=read_time(row.created_at),
        )


def _select_blobs(database: ForeignDatabase) -> Select[*tuple[Any, ...]]:
    """Select the blobs that records of the application have: no variants and nothing abandoned."""
    blobs = ForeignTable(database, _SYSTEM, "active_storage_blobs", _BLOB, ("service_name",))
    attachments = ForeignTable(database, _SYSTEM, "active_storage_attachments", _ATTACHMENT)
    of_records = select(attachments["blob_id"]).where(
        attachments["blob_id"] == blobs["id"],
        attachments["record_type"].not_like("ActiveStorage::%"),
    )
    return select(*blobs.columns()).where(exists(of_records))


def _read_custom(metadata: object) -> dict[str, Any]:
    """Return the metadata that the application gave a blob (Rails 7)."""
    found = read_json(metadata)
    custom = found.get("custom") if isinstance(found, dict) else None
    return custom if isinstance(custom, dict) else {}
