"""Export the bytes of every upload into a folder, with a manifest that `import` reads."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine, select

from open_event_uploads.accounts.user import User
from open_event_uploads.database.read import read
from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.maintenance.manifest import MANIFEST, Entry, write_entry
from open_event_uploads.maintenance.objects import read_chunks
from open_event_uploads.storage import Storage
from open_event_uploads.storage.flush import flush_file, flush_folder, make_durable_folder
from open_event_uploads.storage.local import LocalStorage
from open_event_uploads.uploads.fields import values_of
from open_event_uploads.uploads.model import UploadRow, is_kept, is_published
from open_event_uploads.uploads.rows import read_upload
from open_event_uploads.uploads.walk import walk_uploads
from open_event_uploads.variants.make import exists

Outcome = Literal["done", "there", "gone", "missing", "wrong-checksum"]
PROBLEMS: frozenset[Outcome] = frozenset({"missing", "wrong-checksum"})


@dataclass(frozen=True, slots=True)
class Exported:
    """Report on one upload.

    Args:
        upload_id: of the upload.
        size: in bytes.
        outcome: `done`; `there`: an earlier run has copied it; `gone`: it was deleted or
            replaced meanwhile; `missing` or `wrong-checksum`, as `verify` reports them.
    """

    upload_id: str
    size: int
    outcome: Outcome


def export_uploads(
    folder: Path, *, engine: Engine, storage: Storage, dry_run: bool = False
) -> Iterator[Exported]:
    """Copy files that the folder lacks, and write a new manifest, which appears at the end.

    Args:
        folder: is created if it does not exist; at the end, all that is in it survives a power cut.
        engine: of the database.
        storage: for the bytes.
        dry_run: look for the files, and write nothing.

    Raises:
        StorageFull, StorageUnavailable: what has been copied stays; start again.
    """
    target = LocalStorage(folder)
    if dry_run:
        yield from (
            Exported(each.id, each.size, "there" if exists(each.key, target) else "done")
            for batch in walk_uploads(is_kept(), is_published(), engine=engine)
            for each in batch
        )
        return
    owner_of = lru_cache(maxsize=1000)(partial(_email_or_id, engine))
    make_durable_folder(folder, 0o777)
    unfinished = folder / f"{MANIFEST}.part"
    with unfinished.open("wb") as manifest:
        for batch in walk_uploads(is_kept(), is_published(), engine=engine):
            for upload in batch:
                found = _export(upload, target, engine, storage)
                if found.outcome in {"done", "there"}:
                    entry = _entry(
                        upload, target.relative_path(upload.key), owner_of(upload.owner_id)
                    )
                    manifest.write(write_entry(entry))
                yield found
        manifest.flush()
        flush_file(manifest.fileno())
    unfinished.rename(folder / MANIFEST)
    flush_folder(folder)


def _email_or_id(engine: Engine, user_id: str | None) -> str | None:
    if user_id is None:
        return None
    found = read(engine, select(User.email).where(User.id == user_id))
    return (found and found[0][0]) or user_id


def _entry(upload: UploadRow, file: str, owner: str | None) -> Entry:
    return Entry(
        file=file,
        owner=owner,
        id=upload.id,
        created_at=upload.created_at,
        checksum=upload.checksum,
        media_type=upload.media_type,
        size=upload.size,
        values=values_of(upload),
    )


def _export(upload: UploadRow, target: LocalStorage, engine: Engine, storage: Storage) -> Exported:
    # Files get their names when they are complete, so an earlier run has copied it.
    if exists(upload.key, target):
        return Exported(upload.id, upload.size, "there")
    digest = hashlib.sha256()
    try:
        with storage.open(upload.key) as reader:
            target.put(upload.key, read_chunks(reader, digest.update))
    except ObjectNotFound:
        problem: Outcome | None = "missing"
    else:
        same = f"sha256:{digest.hexdigest()}" == upload.checksum
        problem = None if same else "wrong-checksum"
    if problem is None:
        return Exported(upload.id, upload.size, "done")
    target.delete(upload.key)
    now = read_upload(engine, upload.id)
    is_same = now is not None and now.key == upload.key
    return Exported(upload.id, upload.size, problem if is_same else "gone")
