"""Copy every object from the previous storage to the current one; later empty the previous one.

Both can run beside live traffic, and can be interrupted and started again.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Literal

from sqlalchemy import Engine, select

from open_event_uploads.database.read import read
from open_event_uploads.errors import ObjectNotFound
from open_event_uploads.fault_points import reach
from open_event_uploads.maintenance.claim_storage import claim_storage
from open_event_uploads.maintenance.objects import (
    checksum_of,
    read_chunks,
    size_of,
    walk_objects,
)
from open_event_uploads.storage import StoredObject
from open_event_uploads.storage.moving import MovingStorage
from open_event_uploads.uploads.model import Upload, is_published

# Objects copied at once, because each waits for a remote storage most of the time.
_THREADS = 8

Outcome = Literal["done", "there", "gone", "wrong-checksum", "not-copied"]
PROBLEMS: frozenset[Outcome] = frozenset({"wrong-checksum", "not-copied"})


@dataclass(frozen=True, slots=True)
class Moved:
    """Report on one object.

    Args:
        key: of the object.
        size: in bytes.
        outcome: `done`: it was copied, or its original deleted; `there`: an earlier run copied it;
            `gone`: it was deleted meanwhile; `wrong-checksum`: its bytes do not have the checksum
            of its upload, so it is not copied; `not-copied`: the new storage does not have the
            same bytes, so the original stays.
    """

    key: str
    size: int
    outcome: Outcome


def copy_objects(
    *, engine: Engine, storage: MovingStorage, dry_run: bool = False
) -> Iterator[Moved]:
    """Copy the objects that the new storage lacks, and read each copy back.

    Raises:
        ForeignStorage: one of them is another database's.
        StorageFull, StorageUnavailable: what has been copied stays; start again.
    """
    claim_storage(engine=engine, storage=storage)
    for batch in walk_objects(storage.previous):
        checksums = {} if dry_run else _checksums(batch, engine)
        yield from _at_once(
            partial(_copy, storage=storage, checksums=checksums, dry_run=dry_run), batch
        )


def empty_previous(
    *, engine: Engine, storage: MovingStorage, dry_run: bool = False
) -> Iterator[Moved]:
    """Delete the objects of the previous storage that the new one has with the same bytes.

    Raises:
        As `copy_objects`.
    """
    claim_storage(engine=engine, storage=storage)
    for batch in walk_objects(storage.previous):
        yield from _at_once(partial(_remove, storage=storage, dry_run=dry_run), batch)


def _at_once(work: Callable[[StoredObject], Moved], batch: list[StoredObject]) -> Iterator[Moved]:
    pool = ThreadPoolExecutor(_THREADS)
    try:
        yield from pool.map(work, batch)
    finally:
        # If this is interrupted, objects under way are finished, the rest of the batch is not.
        pool.shutdown(cancel_futures=True)


def _checksums(batch: list[StoredObject], engine: Engine) -> Mapping[str, str]:
    keys = [each.key for each in batch]
    query = select(Upload.key, Upload.checksum).where(Upload.key.in_(keys), is_published())
    return dict(read(engine, query))


def _copy(
    found: StoredObject, *, storage: MovingStorage, checksums: Mapping[str, str], dry_run: bool
) -> Moved:
    source, target = storage.previous, storage.current
    if size_of(target, found.key) == found.size:
        return Moved(found.key, found.size, "there")
    if dry_run:
        return Moved(found.key, found.size, "done")
    try:
        with source.open(found.key) as reader:
            digest = hashlib.sha256()
            target.put(found.key, read_chunks(reader, digest.update))
        sent = f"sha256:{digest.hexdigest()}"
    except ObjectNotFound:
        return Moved(found.key, found.size, "gone")
    reach("move.copied")
    copied = checksum_of(target, found.key)
    if size_of(source, found.key) is None:
        # Deleted while it was copied. Deleting begins with the previous storage, so this is checked
        # last, when the copy may be deleted already.
        target.delete(found.key)
        return Moved(found.key, found.size, "gone")
    if checksums.get(found.key, sent) != sent or copied != sent:
        target.delete(found.key)
        return Moved(found.key, found.size, "wrong-checksum")
    reach("move.compared")
    return Moved(found.key, found.size, "done")


def _remove(found: StoredObject, *, storage: MovingStorage, dry_run: bool) -> Moved:
    original = checksum_of(storage.previous, found.key)
    if original is None:
        return Moved(found.key, found.size, "gone")
    if checksum_of(storage.current, found.key) != original:
        # It may have been deleted since it was read.
        is_there = size_of(storage.previous, found.key) is not None
        return Moved(found.key, found.size, "not-copied" if is_there else "gone")
    if not dry_run:
        reach("move.remove")
        storage.previous.delete(found.key)
    return Moved(found.key, found.size, "done")
