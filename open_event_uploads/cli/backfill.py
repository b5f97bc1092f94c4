"""Run `backfill`: fill columns that newer versions added."""

from dataclasses import asdict

import click
from flask.cli import with_appcontext

from open_event_uploads.cli.output import print_report, progress
from open_event_uploads.context import current_storage, db
from open_event_uploads.maintenance.backfill import BackfillReport, backfill, count_incomplete


@click.command("backfill")
@click.option("--dry-run", is_flag=True, help="Count what is incomplete, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@with_appcontext
def backfill_command(*, dry_run: bool, as_json: bool) -> None:
    """Fill columns that newer versions added, for uploads that older versions stored.

    An interrupted run can be started again. Ends with status 1 if an upload could not be inspected.
    """
    count = count_incomplete(engine=db.engine)
    if dry_run:
        report = BackfillReport(incomplete=count)
    else:
        with progress("uploads", count) as advance:
            report = backfill(engine=db.engine, storage=current_storage(), progress=advance)
    outcome = "nothing changed (dry run)" if dry_run else f"{report.filled} filled"
    text = f"{report.incomplete} incomplete uploads: {outcome}, {report.failed} failed"
    print_report(asdict(report), text, as_json=as_json)
    if report.failed:
        raise SystemExit(1)
