"""Export the bytes of every upload into a folder, with a manifest that `import` reads."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from sqlalchemy.orm import Session

from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.maintenance.manifest import MANIFEST, Entry, write_entry
from open_event_uploads.storage import Storage
from open_event_uploads.storage.local import LocalStorage
from open_event_uploads.uploads.fields import values_of
from open_event_uploads.uploads.model import Upload, find_upload, is_kept, is_published
from open_event_uploads.uploads.walk import walk_uploads

_CHUNK_BYTES = 1024 * 1024

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
    folder: Path, *, session: Session, storage: Storage, dry_run: bool = False
) -> Iterator[Exported]:
    """Copy files that the folder lacks, and write a new manifest, which appears at the end.

    Args:
        folder: is created if it does not exist; files in it are flushed to disk.
        session: for the rows.
        storage: for the bytes.
        dry_run: look for the files, and write nothing.

    Raises:
        StorageFull, StorageUnavailable: what has been copied stays; start again.
    """
    target = LocalStorage(folder)
    if dry_run:
        yield from (
            Exported(each.id, each.size, "there" if _has(target, each.key) else "done")
            for batch in walk_uploads(is_kept(), is_published(), session=session)
            for each in batch
        )
        return
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{MANIFEST}.part"
    with unfinished.open("wb") as manifest:
        for batch in walk_uploads(is_kept(), is_published(), session=session):
            for upload in batch:
                found = _export(upload, target, session, storage)
                if found.outcome in {"done", "there"}:
                    entry = _entry(upload, target.relative_path(upload.key))
                    manifest.write(write_entry(entry))
                yield found
    unfinished.rename(folder / MANIFEST)


def _entry(upload: Upload, file: str) -> Entry:
    owner = (upload.owner.email or upload.owner.id) if upload.owner else None
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


def _export(upload: Upload, target: LocalStorage, session: Session, storage: Storage) -> Exported:
    if _has(target, upload.key):
        return Exported(upload.id, upload.size, "there")
    digest = hashlib.sha256()
    try:
        with storage.open(upload.key) as reader:
            target.put(upload.key, _hashed(reader, digest))
    except ObjectNotFound:
        problem: Outcome | None = "missing"
    else:
        same = f"sha256:{digest.hexdigest()}" == upload.checksum
        problem = None if same else "wrong-checksum"
    if problem is None:
        return Exported(upload.id, upload.size, "done")
    target.delete(upload.key)
    return Exported(upload.id, upload.size, problem if _is_still(upload, session) else "gone")


def _has(target: Storage, key: str) -> bool:
    """Return whether an earlier run has copied a file; files get their names when complete."""
    try:
        target.open(key).close()
    except ObjectNotFound:
        return False
    return True


def _hashed(reader: BinaryIO, digest: "hashlib._Hash") -> Iterable[bytes]:
    while chunk := reader.read(_CHUNK_BYTES):
        digest.update(chunk)
        yield chunk


def _is_still(upload: Upload, session: Session) -> bool:
    still = find_upload(upload.id, session)
    session.expunge_all()
    session.rollback()
    return still is not None and still.key == upload.key
