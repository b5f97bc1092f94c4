"""`sweep`: remove orphans and interrupted writes."""

from datetime import timedelta

import click
from flask.cli import with_appcontext

from open_event_uploads.cli.output import print_json, progress
from open_event_uploads.cli.writing import writing
from open_event_uploads.extensions import current_storage, db
from open_event_uploads.services.sweep import GRACE, MAX_SHARE, SweepReport, sweep


@click.command("sweep")
@click.option(
    "--grace-hours",
    default=GRACE.total_seconds() / 3600,
    show_default=True,
    type=click.FloatRange(min=0, max=24 * 365),
    help="Leave alone what is younger: an upload may be about to commit.",
)
@click.option("--dry-run", is_flag=True, help="Find, and remove nothing.")
@click.option(
    "--force", is_flag=True, help=f"Remove even more than {MAX_SHARE:.0%} of all objects."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@with_appcontext
@writing
def sweep_command(*, grace_hours: float, dry_run: bool, force: bool, as_json: bool) -> None:
    """Remove stored objects that no upload owns, and interrupted writes."""
    with progress("objects") as advance:
        report = sweep(
            session=db.session(),
            storage=current_storage(),
            grace=timedelta(hours=grace_hours),
            dry_run=dry_run,
            force=force,
            progress=advance,
        )
    if as_json:
        print_json(report.as_dict())
    else:
        click.echo(_sentence(report, dry_run=dry_run))


def _sentence(report: SweepReport, *, dry_run: bool) -> str:
    outcome = "nothing removed (dry run)" if dry_run else f"{report.removed} removed"
    return (
        f"{report.objects} objects, {report.orphans} orphans ({report.orphan_bytes} bytes), "
        f"{report.temporary} interrupted writes: {outcome}"
    )
