"""Run `sweep`: remove expired and abandoned uploads, and objects that are not used."""

from dataclasses import asdict
from datetime import timedelta

import click
from flask.cli import with_appcontext

from open_event_uploads.cli.output import print_report, progress_by_step
from open_event_uploads.cli.requires_write import requires_write
from open_event_uploads.context import current_storage, db
from open_event_uploads.maintenance.sweep import GRACE, MAX_SHARE, SweepReport, sweep
from open_event_uploads.variants.preset_cache import current_presets


@click.command("sweep")
@click.option(
    "--grace-hours",
    default=GRACE.total_seconds() / 3600,
    show_default=True,
    type=click.FloatRange(min=0, max=24 * 365),
    help="Keep younger objects: an upload may be about to commit.",
)
@click.option("--dry-run", is_flag=True, help="Find, and remove nothing.")
@click.option(
    "--force", is_flag=True, help=f"Remove orphans even if they exceed {MAX_SHARE:.0%} of objects."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@with_appcontext
@requires_write
def sweep_command(*, grace_hours: float, dry_run: bool, force: bool, as_json: bool) -> None:
    """Remove uploads whose time is over, and objects that are not used.

    The time of an upload ends with its lease, or a day after the last bytes of one that nobody
    finished. Objects are not used if they have no upload, if they are variants that no preset makes
    any more, or if their writes were interrupted.
    """
    with progress_by_step({}) as advance:
        report = sweep(
            engine=db.engine,
            storage=current_storage(),
            presets=current_presets(fresh=True),
            grace=timedelta(hours=grace_hours),
            dry_run=dry_run,
            force=force,
            progress=advance,
        )
    print_report(asdict(report), _sentence(report, dry_run=dry_run), as_json=as_json)


def _sentence(report: SweepReport, *, dry_run: bool) -> str:
    outcome = "nothing removed (dry run)" if dry_run else f"{report.removed} removed"
    return (
        f"{report.expired} expired uploads ({report.expired_bytes} bytes), "
        f"{report.abandoned} abandoned ({report.abandoned_bytes} bytes); "
        f"{report.objects} objects, {report.orphans} orphans ({report.orphan_bytes} bytes), "
        f"{report.stale} stale objects ({report.stale_bytes} bytes), "
        f"{report.temporary} interrupted writes: {outcome}"
    )
