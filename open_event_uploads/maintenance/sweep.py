"""Remove expired and abandoned uploads, orphan and stale objects, and interrupted writes."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import Engine, update

from open_event_uploads.database.types import now
from open_event_uploads.database.write import write
from open_event_uploads.errors import SweepRefused
from open_event_uploads.imaging.preset import Preset
from open_event_uploads.maintenance.claim_storage import claim_storage
from open_event_uploads.maintenance.instance import Instance
from open_event_uploads.maintenance.note_presets import note_presets
from open_event_uploads.maintenance.remove_abandoned import count_abandoned, remove_abandoned
from open_event_uploads.maintenance.remove_expired import count_expired, remove_expired
from open_event_uploads.maintenance.survey_storage import (
    Found,
    Search,
    remove_unused,
    survey_storage,
)
from open_event_uploads.maintenance.walk_expired import Expired
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.edits.begin import remove_ended

# The longest time from an upload's first byte to its commit, with a margin for clocks that differ.
GRACE = timedelta(hours=24)

# More orphans than this share of all objects are more likely a mistake (a restored backup, a wrong
# setting) than left behind by crashes. Uploads whose time is over were meant to be
# removed, and stale objects hold no upload: neither is limited.
MAX_SHARE = 0.01

Progress = Callable[[str, int], None]


@dataclass(slots=True)
class SweepReport(Found):
    """Count what a sweep found, the objects included, and removed.

    Args:
        expired: uploads whose lease was over.
        expired_bytes: size of the expired uploads.
        abandoned: resumable uploads that nobody finished in time.
        abandoned_bytes: what had arrived of them.
        temporary: files of interrupted writes, older than the grace period.
        removed: how many of all these were removed.
    """

    expired: int = 0
    expired_bytes: int = 0
    abandoned: int = 0
    abandoned_bytes: int = 0
    temporary: int = 0
    removed: int = 0


def sweep(  # noqa: PLR0913 - two collaborators, the presets, four options of the command
    *,
    engine: Engine,
    storage: Storage,
    presets: tuple[Preset, ...],
    grace: timedelta = GRACE,
    dry_run: bool = False,
    force: bool = False,
    progress: Progress = lambda _, __: None,
) -> SweepReport:
    """Remove uploads whose time is over, and objects older than a grace period and not used.

    Memory stays constant: the objects are listed twice, first to count, then to delete in batches.

    Args:
        engine: of the database.
        storage: must be this database's.
        presets: all presets.
        grace: the minimum age of an object; a younger one may belong to an upload that is about to
            commit. Variants are stale when the presets have not changed for this long.
        dry_run: find, and remove nothing.
        force: remove even more orphans than `MAX_SHARE` of the objects.
        progress: is called with what is counted, and the number so far.

    Raises:
        ForeignStorage: the storage is another database's, or has no marker.
        SweepRefused: too many objects are orphans; none of them was removed.
        DatabaseUnavailable: what was removed before stays removed; another run removes the rest.
    """
    claim_storage(engine=engine, storage=storage)
    if dry_run:
        expired, abandoned = count_expired(engine=engine), count_abandoned(engine=engine)
    else:
        expired, abandoned = _remove_over(engine, storage, progress)
    search = _search_unused(engine, storage, presets, grace, dry_run=dry_run)
    found = survey_storage(search, lambda done: progress("objects", done))
    if not (dry_run or force):
        _check_share(found)
    removed = 0 if dry_run else expired.uploads + abandoned.uploads
    if not dry_run and (found.orphans or found.stale):
        removed += remove_unused(search, found.orphans, lambda done: progress("removed", done))
    temporary = storage.sweep_temporary(grace, dry_run=dry_run)
    if not dry_run:
        removed += temporary
        _record(removed, found.orphans, engine)
    return SweepReport(
        expired=expired.uploads,
        expired_bytes=expired.size,
        abandoned=abandoned.uploads,
        abandoned_bytes=abandoned.size,
        **asdict(found),
        temporary=temporary,
        removed=removed,
    )


def _remove_over(engine: Engine, storage: Storage, progress: Progress) -> tuple[Expired, Expired]:
    """Remove what is kept for a time that is over; return the expired and the abandoned uploads."""
    expired = remove_expired(
        engine=engine, storage=storage, progress=lambda done: progress("expired", done)
    )
    abandoned = remove_abandoned(
        engine=engine, storage=storage, progress=lambda done: progress("abandoned", done)
    )
    remove_ended(engine=engine)
    return expired, abandoned


def _search_unused(
    engine: Engine,
    storage: Storage,
    presets: tuple[Preset, ...],
    grace: timedelta,
    *,
    dry_run: bool,
) -> Search:
    """Return a search for objects that no upload uses, and for variants if they may be stale."""
    since = note_presets(presets, engine=engine, dry_run=dry_run)
    horizon = now() - grace
    digests = frozenset(each.digest for each in presets) if since <= horizon else None
    return Search(engine, storage, horizon, digests)


def _check_share(found: Found) -> None:
    if found.orphans > found.objects * MAX_SHARE:
        raise SweepRefused(
            f"{found.orphans} of {found.objects} objects are orphans, more than {MAX_SHARE:.0%}; "
            "count them with --dry-run, then remove them with --force"
        )


def _record(removed: int, orphans: int, engine: Engine) -> None:
    """Record the run, for the admin pages and for metrics."""
    noted = update(Instance).values(swept_at=now(), swept=removed, swept_orphans=orphans)
    write(engine, lambda execute: execute(noted))
