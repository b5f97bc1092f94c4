"""Find objects in the storage that are not used, and delete them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from open_event_uploads.database.read import read
from open_event_uploads.fault_points import reach
from open_event_uploads.maintenance.objects import walk_objects
from open_event_uploads.storage import Storage, StoredObject
from open_event_uploads.storage.keys import (
    digest_of_variant,
    is_partial,
    is_pending,
    original_key,
)
from open_event_uploads.uploads.model import Upload
from open_event_uploads.uploads.resumable.model import ResumablePiece


@dataclass(slots=True)
class Found:
    """Count objects of a storage; those that are not used are older than the grace period.

    Args:
        objects: all objects.
        orphans: objects without an upload.
        orphan_bytes: size of the orphans.
        stale: variants that no preset makes any more, direct uploads that arrived after they were
            published or deleted, and pieces of resumable uploads that do not count or are gone.
        stale_bytes: size of the stale objects.
    """

    objects: int = 0
    orphans: int = 0
    orphan_bytes: int = 0
    stale: int = 0
    stale_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """Define which objects are not used.

    Args:
        engine: of the database, to look up which keys are in use.
        storage: to search.
        horizon: objects modified later are in use.
        digests: of every preset; variants with others are stale. None if no variant is.
    """

    engine: Engine
    storage: Storage
    horizon: datetime
    digests: frozenset[str] | None


def survey_storage(search: Search, progress: Callable[[int], None]) -> Found:
    """Count all objects, and those that are not used."""
    found = Found()
    for batch in walk_objects(search.storage):
        orphans, stale = _unused(batch, search)
        found.objects += len(batch)
        found.orphans += len(orphans)
        found.orphan_bytes += sum(each.size for each in orphans)
        found.stale += len(stale)
        found.stale_bytes += sum(each.size for each in stale)
        progress(found.objects)
    return found


def remove_unused(search: Search, most_orphans: int, progress: Callable[[int], None]) -> int:
    """Delete the objects that are still not used, no more orphans than were counted before.

    Returns:
        The number of objects deleted.
    """
    removed = 0
    for batch in walk_objects(search.storage):
        orphans, stale = _unused(batch, search)
        orphans = orphans[:most_orphans]
        most_orphans -= len(orphans)
        for each in (*orphans, *stale):
            reach("sweep.remove")
            search.storage.delete(each.key)
        removed += len(orphans) + len(stale)
        progress(removed)
    return removed


def _unused(
    batch: list[StoredObject], search: Search
) -> tuple[list[StoredObject], list[StoredObject]]:
    """Return the orphans and the stale objects of a batch."""
    candidates = [each for each in batch if each.modified_at < search.horizon]
    # Read after the objects were listed, so that uploads committed meanwhile are seen.
    owners = {each.key: original_key(each.key) or each.key for each in candidates}
    owned = _keys_in_use(owners.values(), search.engine)
    unowned = [each for each in candidates if owners[each.key] not in owned]
    kept = (each for each in candidates if owners[each.key] in owned)
    stale = [each for each in kept if _is_stale(each.key, search.digests)]
    late = [each for each in unowned if _may_be_late(each.key)]
    return [each for each in unowned if not _may_be_late(each.key)], [*stale, *late]


def _keys_in_use(keys: Collection[str], engine: Engine) -> set[str]:
    """Return the keys that rows have: of pieces too, however old they are."""
    found = set(read(engine, select(Upload.key).where(Upload.key.in_(keys)), str))
    if partial := [each for each in keys if is_partial(each)]:
        pieces = select(ResumablePiece.key).where(ResumablePiece.key.in_(partial))
        found.update(read(engine, pieces, str))
    return found


def _may_be_late(key: str) -> bool:
    """Return whether an object without a row is no sign of an error.

    A client with a signed URL can write directly at any time. A request that is overtaken, or whose
    server ends, leaves the piece that it has begun; so does the deletion of a user.
    """
    return is_pending(key) or is_partial(key)


def _is_stale(key: str, digests: frozenset[str] | None) -> bool:
    digest = digest_of_variant(key)
    return digests is not None and digest is not None and digest not in digests
