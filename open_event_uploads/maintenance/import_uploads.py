"""Import the files of another system as uploads, with the same checks as any upload."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Engine, select

from open_event_uploads.database.read import read
from open_event_uploads.errors import (
    InvalidAccount,
    ManyErrors,
    UnreadableFile,
    UploadsError,
)
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.maintenance.claim_storage import claim_storage
from open_event_uploads.maintenance.import_owners import ImportOwners
from open_event_uploads.maintenance.import_sources.source import ForeignFile, InvalidEntry
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.create import Origin, create_upload
from open_event_uploads.uploads.fields import FIELDS, Values
from open_event_uploads.uploads.model import Upload, UploadRow, has_bytes, is_kept, is_published
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


def import_uploads(  # noqa: PLR0913 - files, owners, and three collaborators
    files: Iterable[ForeignFile | InvalidEntry],
    *,
    owners: ImportOwners,
    dry_run: bool = False,
    engine: Engine,
    storage: Storage,
    processing: Processing,
) -> Iterator[Imported]:
    """Import the files that do not exist as uploads; a refused file does not stop the others.

    Args:
        files: of a source.
        owners: finds the owner of each.
        dry_run: check the files and look for existing uploads, and write nothing.
        engine: of the database.
        storage: for the bytes.
        processing: how files that come in are processed.

    Raises:
        ForeignStorage: the storage belongs to another database.
        StorageFull, StorageUnavailable, DatabaseUnavailable, InvalidImport: what has been imported
            stays; start again.
    """

    def import_one(file: ForeignFile) -> Imported:
        found = _find_by_id(file, engine)
        if found is not None:
            return Imported(file.key, "there", file=file, upload=found)
        with file.open() as content:
            found = _find_by_bytes(file, content, engine)
            if found is not None:
                return Imported(file.key, "there", file=file, upload=found)
            values = _read_values(file.values)
            owner_id = owners.find(file.owner, file.owner_name)
            if dry_run:
                check_file(content, processing=processing)
                return Imported(file.key, "done", file=file)
            created = create_upload(
                content=_keep(content, processing),
                values=values,
                owner_id=owner_id,
                origin=Origin(file.upload_id, file.created_at),
                engine=engine,
                storage=storage,
                processing=processing,
            )
        return Imported(file.key, "done", file=file, upload=created.upload)

    if not dry_run:
        claim_storage(engine=engine, storage=storage)
    for each in files:
        if isinstance(each, InvalidEntry):
            yield Imported(each.key, "refused", each.reason)
        else:
            yield _import_or_refuse(each, import_one, engine)


def _import_or_refuse(
    file: ForeignFile, import_one: Callable[[ForeignFile], Imported], engine: Engine
) -> Imported:
    """Import a file; report what is wrong with it instead of raising that."""
    try:
        return import_one(file)
    except (UnreadableFile, InvalidAccount) as error:
        return Imported(file.key, "refused", str(error), file=file)
    except OSError as error:  # of the source; those of the storage and the database have their own
        return Imported(file.key, "refused", f"cannot be read: {error}", file=file)
    except ManyErrors as error:
        return Imported(file.key, "refused", error.describe(), file=file)
    except UploadsError as error:
        if error.is_of_server:
            raise
        return _resolve_refusal(file, error, engine)


def _keep(content: IncomingFile, processing: Processing) -> IncomingFile:
    """Return bytes that nobody can change between the checks and the storage.

    The other system may go on running, and write its file anew meanwhile.
    """
    processing.policy.check_size(content.size)
    return content if content.descriptor is None else IncomingFile.receive(content)


def _resolve_refusal(file: ForeignFile, error: UploadsError, engine: Engine) -> Imported:
    """Report a refusal, unless another run has imported the file meanwhile."""
    found = _find_by_id(file, engine)
    if found is not None:
        return Imported(file.key, "there", file=file, upload=found)
    return Imported(file.key, "refused", f"{error.code}: {error.detail}", file=file)


def _read_values(values: Values) -> dict[str, Any]:
    """Return the values, read as those of a client are."""
    given = {each.attribute: values.get(each.name) for each in FIELDS}
    return read_values({name: _as_sent(each) for name, each in given.items() if each is not None})


def _as_sent(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _find_by_id(file: ForeignFile, engine: Engine) -> UploadRow | None:
    if file.upload_id is None:
        return None
    # Also if its lease is over: the id is taken until the sweeper has come.
    found = read(engine, select(Upload).where(Upload.id == file.upload_id), UploadRow)
    return found[0] if found else None


def _find_by_bytes(file: ForeignFile, content: IncomingFile, engine: Engine) -> UploadRow | None:
    """Return an upload of the same bytes, for a file that has no id; a public one if there is one.

    The bytes are compared with those that were sent and with those that are served, which may lack
    metadata.
    """
    if file.upload_id is not None:
        return None
    found = read(
        engine,
        select(Upload)
        .where(is_kept(), is_published(), has_bytes(content.checksum))
        .order_by(Upload.visibility.desc(), Upload.id)
        .limit(1),
        UploadRow,
    )
    return found[0] if found else None
