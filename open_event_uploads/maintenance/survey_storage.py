"""What lies in the storage, and what of it is of no use."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Engine, select

from open_event_uploads.database.read import read
from open_event_uploads.fault_points import reach
from open_event_uploads.storage import Storage, StoredObject
from open_event_uploads.storage.keys import digest_of_variant, is_pending, original_key
from open_event_uploads.uploads.model import Upload

_BATCH = 500


@dataclass(slots=True)
class Found:
    """How much there is.

    Args:
        objects: of every kind.
        orphans: those that no upload owns.
        orphan_bytes: their size together.
        stale: variants that no preset makes any more, and what was sent past us too late.
        stale_bytes: their size together.
    """

    objects: int = 0
    orphans: int = 0
    orphan_bytes: int = 0
    stale: int = 0
    stale_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for.

    Args:
        engine: of the database, to look up which keys are owned.
        storage: where.
        horizon: what is younger is left alone.
        digests: of every variant that is made today; None where all are left alone.
    """

    engine: Engine
    storage: Storage
    horizon: datetime
    digests: frozenset[str] | None


def survey_storage(search: Search, progress: Callable[[int], None]) -> Found:
    """Count what there is, and what of it is of no use.

    Args:
        search: what is looked for.
        progress: is told how many objects have been looked at.
    """
    found = Found()
    for batch in _batches(search.storage):
        orphans, stale = _useless(batch, search)
        found.objects += len(batch)
        found.orphans += len(orphans)
        found.orphan_bytes += sum(each.size for each in orphans)
        found.stale += len(stale)
        found.stale_bytes += sum(each.size for each in stale)
        progress(found.objects)
    return found


def remove_useless(search: Search, most_orphans: int, progress: Callable[[int], None]) -> int:
    """Remove it, as far as it is of no use still.

    Args:
        search: what is looked for.
        most_orphans: so many were counted; no more of them go.
        progress: is told how many are gone.

    Returns:
        How many are gone.
    """
    removed = 0
    for batch in _batches(search.storage):
        orphans, stale = _useless(batch, search)
        orphans = orphans[:most_orphans]
        most_orphans -= len(orphans)
        for each in (*orphans, *stale):
            reach("sweep.remove")
            search.storage.delete(each.key)
        removed += len(orphans) + len(stale)
        progress(removed)
    return removed


def _batches(storage: Storage) -> Iterator[list[StoredObject]]:
    listing = storage.objects()
    while batch := list(islice(listing, _BATCH)):
        yield batch


def _useless(
    batch: list[StoredObject], search: Search
) -> tuple[list[StoredObject], list[StoredObject]]:
    """The orphans, and what is stale."""
    candidates = [each for each in batch if each.modified_at < search.horizon]
    # Asked after the objects were listed: whatever has been committed by now is seen.
    owners = {each.key: original_key(each.key) or each.key for each in candidates}
    query = select(Upload.key).where(Upload.key.in_(owners.values()))
    owned = set(read(search.engine, query, str))
    unowned = [each for each in candidates if owners[each.key] not in owned]
    kept = (each for each in candidates if owners[each.key] in owned)
    stale = [each for each in kept if _is_stale(each.key, search.digests)]
    # Whoever has leave may write them at any time, so they say nothing of our own faults.
    late = [each for each in unowned if is_pending(each.key)]
    return [each for each in unowned if not is_pending(each.key)], [*stale, *late]


def _is_stale(key: str, digests: frozenset[str] | None) -> bool:
    digest = digest_of_variant(key)
    return digests is not None and digest is not None and digest not in digests
