"""Import the files of another system as uploads, with the same checks as any upload."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Engine

from open_event_uploads.errors import (
    InvalidAccount,
    ManyErrors,
    UnreadableFile,
    UploadsError,
)
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.maintenance.claim_storage import claim_storage
from open_event_uploads.maintenance.find_imported import find_by_bytes, find_by_id
from open_event_uploads.maintenance.import_owners import ImportOwners
from open_event_uploads.maintenance.import_sources.source import ForeignFile, InvalidEntry
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.create import Origin, create_upload
from open_event_uploads.uploads.fields import FIELDS, Values
from open_event_uploads.uploads.model import UploadRow
from open_event_uploads.uploads.processing import Processing
from open_event_uploads.uploads.schema import read_values
from open_event_uploads.uploads.store import check_file

Outcome = Literal["done", "there", "refused"]


@dataclass(frozen=True, slots=True)
class Imported:
    """Report on one file.

    Args:
        key: of the file, as its source names it.
        outcome: `done`; `there`: an upload with this id, or without one with these bytes, exists;
            `refused`.
        reason: why it was refused.
        file: as the source gave it; None for an invalid entry.
        upload: that it is now; None if it was refused, and in a dry run.
    """

    key: str
    outcome: Outcome
    reason: str = ""
    file: ForeignFile | None = None
    upload: UploadRow | None = None


@dataclass(frozen=True, slots=True)
class Importer:
    """Imports the files of another system that do not exist as uploads.

    Args:
        owners: finds the owner of each.
        dry_run: check the files and look for existing uploads, and write nothing.
        engine: of the database.
        storage: for the bytes.
        processing: how files that come in are processed.
    """

    owners: ImportOwners
    dry_run: bool
    engine: Engine
    storage: Storage
    processing: Processing

    def import_files(self, files: Iterable[ForeignFile | InvalidEntry]) -> Iterator[Imported]:
        """Import the files of a source; a refused one does not stop the others.

        Raises:
            ForeignStorage: the storage belongs to another database.
            StorageFull, StorageUnavailable, DatabaseUnavailable, InvalidImport: what has been
                imported stays; start again.
        """
        if not self.dry_run:
            claim_storage(engine=self.engine, storage=self.storage)
        for each in files:
            if isinstance(each, InvalidEntry):
                yield Imported(each.key, "refused", each.reason)
            else:
                yield self._import_or_refuse(each)

    def _import_or_refuse(self, file: ForeignFile) -> Imported:
        """Import a file; report what is wrong with it instead of raising that."""
        try:
            return self._import_one(file)
        except (UnreadableFile, InvalidAccount) as error:
            return Imported(file.key, "refused", str(error), file=file)
        except OSError as error:  # of the source; the storage and the database have their own
            return Imported(file.key, "refused", f"cannot be read: {error}", file=file)
        except ManyErrors as error:
            return Imported(file.key, "refused", error.describe(), file=file)
        except UploadsError as error:
            if error.is_of_server:
                raise
            # Another run may have imported it meanwhile.
            if found := find_by_id(file, self.engine):
                return Imported(file.key, "there", file=file, upload=found)
            return Imported(file.key, "refused", f"{error.code}: {error.detail}", file=file)

    def _import_one(self, file: ForeignFile) -> Imported:
        if found := find_by_id(file, self.engine):
            return Imported(file.key, "there", file=file, upload=found)
        with file.open() as content:
            if found := find_by_bytes(file, content, self.engine):
                return Imported(file.key, "there", file=file, upload=found)
            return Imported(file.key, "done", file=file, upload=self._create(file, content))

    def _create(self, file: ForeignFile, content: IncomingFile) -> UploadRow | None:
        """Create an upload; in a dry run, only check that it could be."""
        values = _read_values(file.values)
        owner_id = self.owners.find(file.owner, file.owner_name)
        if self.dry_run:
            check_file(content, processing=self.processing)
            return None
        return create_upload(
            content=_keep(content, self.processing),
            values=values,
            owner_id=owner_id,
            origin=Origin(file.upload_id, file.created_at),
            engine=self.engine,
            storage=self.storage,
            processing=self.processing,
        ).upload


def _keep(content: IncomingFile, processing: Processing) -> IncomingFile:
    """Return bytes that nobody can change between the checks and the storage.

    The other system may go on running, and write its file anew meanwhile.
    """
    processing.policy.check_size(content.size)
    return content if content.descriptor is None else IncomingFile.receive(content)


def _read_values(values: Values) -> dict[str, Any]:
    """Return the values, read as those of a client are."""
    given = {each.attribute: values.get(each.name) for each in FIELDS}
    return read_values({name: _as_sent(each) for name, each in given.items() if each is not None})


def _as_sent(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
