"""Run `export`: export all files at once."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from open_event_uploads.cli.file_report import report_files
from open_event_uploads.context import current_storage, db
from open_event_uploads.maintenance.export_uploads import PROBLEMS, export_uploads


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Look for existing files, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@with_appcontext
def export_command(folder: Path, *, dry_run: bool, as_json: bool) -> None:
    """Write every upload into a folder, with a manifest that `import` reads.

    Files that are in the folder already are skipped, so an interrupted run can be started again.
    """
    found = export_uploads(folder, engine=db.engine, storage=current_storage(), dry_run=dry_run)
    lines = ((each.outcome, f"{each.upload_id}: {each.outcome}") for each in found)
    report_files(lines, "exported", PROBLEMS, dry_run=dry_run, as_json=as_json)
