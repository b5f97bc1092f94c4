"""Remove what no upload owns any more: orphan objects and interrupted writes."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from open_event_uploads.errors import SweepRefused
from open_event_uploads.media.key import original_key
from open_event_uploads.models import Instance, Upload
from open_event_uploads.models.base import now
from open_event_uploads.models.transaction import write_transaction
from open_event_uploads.services.claim_storage import claim_storage
from open_event_uploads.storage import Storage, StoredObject

# What an upload may take from its first byte to its commit, with a wide margin for clocks that
# disagree.
GRACE = timedelta(hours=24)

# More than this share at once is more likely a mistake (a restored backup, a wrong setting) than
# the traces of crashes.
MAX_SHARE = 0.01

_BATCH = 500


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep found, and what it removed.

    Args:
        objects: how many the storage holds.
        orphans: objects older than the grace period that no upload owns.
        orphan_bytes: their size together.
        temporary: traces of interrupted writes older than the grace period.
        removed: how many of both are gone now.
    """

    objects: int
    orphans: int
    orphan_bytes: int
    temporary: int
    removed: int

    def as_dict(self) -> dict[str, int]:
        """The report by name."""
        return asdict(self)


def sweep(  # noqa: PLR0913 - two collaborators, four choices of the operator's
    *,
    session: Session,
    storage: Storage,
    grace: timedelta = GRACE,
    dry_run: bool = False,
    force: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> SweepReport:
    """Remove orphans that are older than a grace period.

    Args:
        session: for looking up which keys are owned.
        storage: must be this database's.
        grace: how old an object must be to count; younger ones may belong to an upload that is
            about to commit.
        dry_run: find, and remove nothing.
        force: remove even more than `MAX_SHARE` of the objects.
        progress: is told how many objects have been looked at.

    Raises:
        ForeignStorage: the storage is another database's, or nobody can tell.
        SweepRefused: too large a share would go; nothing has been removed.
        DatabaseUnavailable: all is removed, and nobody could take down when.
    """
    claim_storage(session=session, storage=storage)
    objects, orphans = _survey(session, storage, grace, progress)
    if not (dry_run or force) and len(orphans) > objects * MAX_SHARE:
        raise SweepRefused(
            f"{len(orphans)} of {objects} objects are orphans, more than {MAX_SHARE:.0%}; "
            "look at them with --dry-run, then remove them with --force"
        )
    temporary = storage.sweep_temporary(grace, dry_run=dry_run)
    if not dry_run:
        for orphan in orphans:
            storage.delete(orphan.key)
    removed = 0 if dry_run else len(orphans) + temporary
    if not dry_run:
        _note(removed, session)
    return SweepReport(
        objects=objects,
        orphans=len(orphans),
        orphan_bytes=sum(orphan.size for orphan in orphans),
        temporary=temporary,
        removed=removed,
    )


def _note(removed: int, session: Session) -> None:
    """For people who wonder whether anybody sweeps."""
    with write_transaction(session):
        session.execute(update(Instance).values(swept_at=now(), swept=removed))


def _survey(
    session: Session, storage: Storage, grace: timedelta, progress: Callable[[int], None]
) -> tuple[int, list[StoredObject]]:
    """Count the objects and find the orphans among them."""
    horizon = datetime.now(UTC) - grace
    objects, orphans = 0, list[StoredObject]()
    listing = storage.objects()
    while batch := list(islice(listing, _BATCH)):
        objects += len(batch)
        orphans += _without_owner([each for each in batch if each.modified_at < horizon], session)
        progress(objects)
    return objects, orphans


def _without_owner(candidates: list[StoredObject], session: Session) -> Iterator[StoredObject]:
    # Asked after the objects were listed: whatever has been committed by now is seen.
    owners = {each.key: original_key(each.key) or each.key for each in candidates}
    query = select(Upload.key).where(Upload.key.in_(owners.values()))
    owned = set(session.scalars(query))
    session.rollback()
    return (each for each in candidates if owners[each.key] not in owned)
