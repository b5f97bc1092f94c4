"""Import files of a folder as uploads, with the same checks as any upload."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import Literal

from sqlalchemy import Engine, and_, select

from open_event_uploads.accounts.find_user import find_user
from open_event_uploads.database.read import read
from open_event_uploads.database.types import is_id
from open_event_uploads.errors import InvalidAccount, InvalidManifest, UploadsError
from open_event_uploads.imaging.incoming import IncomingFile
from open_event_uploads.maintenance.manifest import Entry
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.create import Origin, create_upload
from open_event_uploads.uploads.filename import clean_filename
from open_event_uploads.uploads.model import Upload, has_bytes, is_kept, is_published
from open_event_uploads.uploads.processing import Processing

Outcome = Literal["done", "there", "refused"]


@dataclass(frozen=True, slots=True)
class Imported:
    """Report on one file.

    Args:
        file: its path as the entry names it.
        outcome: `done`; `there`: an upload with this id, or without one with these bytes, exists;
            `refused`.
        reason: why it was refused.
    """

    file: str
    outcome: Outcome
    reason: str = ""


def import_uploads(  # noqa: PLR0913 - files, owner, and three collaborators
    entries: Iterable[Entry | InvalidManifest],
    *,
    folder: Path,
    owner_id: str | None = None,
    dry_run: bool = False,
    engine: Engine,
    storage: Storage,
    processing: Processing,
) -> Iterator[Imported]:
    """Import the files that do not exist as uploads; a refused file does not stop the others.

    Args:
        entries: as of `read_entries`.
        folder: that contains the files; nothing outside is read.
        owner_id: of files whose entry names no owner.
        dry_run: look for existing uploads, and write nothing.
        engine: of the database.
        storage: for the bytes.
        processing: how files that come in are processed.

    Raises:
        StorageFull, StorageUnavailable, DatabaseUnavailable: what has been imported stays; start
            again.
    """
    create = partial(create_upload, engine=engine, storage=storage, processing=processing)

    @lru_cache(maxsize=1000)
    def owner_of(who: str | None) -> str | None:
        return owner_id if who is None else find_user(who, engine=engine).id

    for entry in entries:
        if isinstance(entry, InvalidManifest):
            yield Imported("", "refused", str(entry))
            continue
        try:
            with _opened(folder, entry) as content:
                there = _is_there(entry, content, engine)
                if not there:
                    name = clean_filename(PurePosixPath(entry.file).name)
                    owner = owner_of(entry.owner)
                    if not dry_run:
                        create(
                            content=content,
                            values={"filename": name, **entry.values},
                            owner_id=owner,
                            origin=Origin(entry.id, entry.created_at),
                        )
            yield Imported(entry.file, "there" if there else "done")
        except (InvalidManifest, InvalidAccount) as error:
            yield Imported(entry.file, "refused", str(error))
        except UploadsError as error:
            if error.status >= 500:  # noqa: PLR2004 - RFC 9110: an error of the server
                raise
            yield Imported(entry.file, "refused", f"{error.code}: {error.detail}")


def _opened(folder: Path, entry: Entry) -> IncomingFile:
    """Open the file that an entry names.

    Raises:
        InvalidManifest: the file cannot be read or is outside the folder, or a member of the entry
            is invalid.
    """
    if entry.id is not None and not is_id(entry.id):
        raise InvalidManifest("`id` must be a UUID in lower case")
    if entry.created_at is not None and entry.created_at.tzinfo is None:
        raise InvalidManifest("`created-at` has no time zone")
    try:
        path = (folder / entry.file).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise InvalidManifest("there is no such file in the folder")
        content = IncomingFile(os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC), "rb"))
    except (OSError, ValueError) as error:
        raise InvalidManifest(f"cannot be read: {error}") from None
    if entry.checksum not in {None, content.checksum}:
        content.close()
        raise InvalidManifest("the file does not have the checksum in the manifest")
    return content


def _is_there(entry: Entry, content: IncomingFile, engine: Engine) -> bool:
    """Return whether an upload with the entry's id exists, or without an id one with these bytes.

    The bytes are compared with those that were sent and with those that are served, which may lack
    metadata.
    """
    if entry.id is not None:
        condition = Upload.id == entry.id
    else:
        condition = and_(is_kept(), is_published(), has_bytes(content.checksum))
    return bool(read(engine, select(Upload.id).where(condition).limit(1)))
