"""Remove what nobody has any more: expired uploads, orphan objects, stale variants."""

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
from open_event_uploads.maintenance.remove_expired import count_expired, remove_expired
from open_event_uploads.maintenance.survey_storage import (
    Found,
    Search,
    remove_useless,
    survey_storage,
)
from open_event_uploads.storage import Storage

# What an upload may take from its first byte to its commit, with a wide margin for clocks that
# disagree.
GRACE = timedelta(hours=24)

# More than this share at once is more likely a mistake (a restored backup, a wrong setting) than
# the traces of crashes. Uploads that were to end at their time are none, and neither are variants,
# which nobody misses as long as there is the original.
MAX_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep found, and what it removed.

    Args:
        expired: uploads whose lease was over.
        expired_bytes: their size together.
        objects: how many the storage holds.
        orphans: objects older than the grace period that no upload owns.
        orphan_bytes: their size together.
        stale: variants older than the grace period that no preset makes any more, and bytes of
            direct uploads that came when these were published or gone.
        stale_bytes: their size together.
        temporary: traces of interrupted writes older than the grace period.
        removed: how many of all these are gone now.
    """

    expired: int = 0
    expired_bytes: int = 0
    objects: int = 0
    orphans: int = 0
    orphan_bytes: int = 0
    stale: int = 0
    stale_bytes: int = 0
    temporary: int = 0
    removed: int = 0

    def as_dict(self) -> dict[str, int]:
        """The report by name."""
        return asdict(self)


def sweep(  # noqa: PLR0913 - two collaborators, the presets, four choices of the operator's
    *,
    engine: Engine,
    storage: Storage,
    presets: tuple[Preset, ...],
    grace: timedelta = GRACE,
    dry_run: bool = False,
    force: bool = False,
    progress: Callable[[str, int], None] = lambda _, __: None,
) -> SweepReport:
    """Remove uploads whose lease is over, and what is older than a grace period and of no use.

    However much there is, memory stays flat: what is to go is looked for twice, first to count it
    and then to remove it, some at a time.

    Args:
        engine: of the database.
        storage: must be this database's.
        presets: the sizes there are.
        grace: how old an object must be to count; younger ones may belong to an upload that is
            about to commit. As long must no preset have changed before what others made is stale.
        dry_run: find, and remove nothing.
        force: remove even more orphans than `MAX_SHARE` of the objects.
        progress: is told what has been looked at, and how many.

    Raises:
        ForeignStorage: the storage is another database's, or nobody can tell.
        SweepRefused: too large a share would be orphans; none of them has been removed.
        DatabaseUnavailable: what has gone is gone; another run removes the rest.
    """
    claim_storage(engine=engine, storage=storage)
    if dry_run:
        expired = count_expired(engine=engine)
    else:
        expired = remove_expired(
            engine=engine, storage=storage, progress=lambda done: progress("expired", done)
        )
    since = note_presets(presets, engine=engine, dry_run=dry_run)
    horizon = now() - grace
    digests = frozenset(each.digest for each in presets) if since <= horizon else None
    search = Search(engine, storage, horizon, digests)
    found = survey_storage(search, lambda done: progress("objects", done))
    if not (dry_run or force):
        _check_share(found)
    removed = 0 if dry_run else expired.uploads
    if not dry_run and (found.orphans or found.stale):
        removed += remove_useless(search, found.orphans, lambda done: progress("removed", done))
    temporary = storage.sweep_temporary(grace, dry_run=dry_run)
    if not dry_run:
        removed += temporary
        _note(removed, found.orphans, engine)
    return SweepReport(
        expired=expired.uploads,
        expired_bytes=expired.size,
        **asdict(found),
        temporary=temporary,
        removed=removed,
    )


def _check_share(found: Found) -> None:
    if found.orphans > found.objects * MAX_SHARE:
        raise SweepRefused(
            f"{found.orphans} of {found.objects} objects are orphans, more than {MAX_SHARE:.0%}; "
            "look at them with --dry-run, then remove them with --force"
        )


def _note(removed: int, orphans: int, engine: Engine) -> None:
    """For people, and alerts, that wonder whether anybody sweeps."""
    noted = update(Instance).values(swept_at=now(), swept=removed, swept_orphans=orphans)
    write(engine, lambda execute: execute(noted))
