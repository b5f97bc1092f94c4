"""Run `import`: import many files at once."""

from dataclasses import replace
from pathlib import Path

import click
from flask.cli import with_appcontext

from open_event_uploads.accounts.find_user import find_user
from open_event_uploads.cli.file_report import report_files
from open_event_uploads.cli.requires_write import requires_write
from open_event_uploads.context import current_storage, db
from open_event_uploads.maintenance.import_uploads import import_uploads
from open_event_uploads.maintenance.manifest import folder_of, read_entries
from open_event_uploads.uploads.processing import Processing, current_processing

_PROBLEMS = frozenset({"refused"})


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--owner", metavar="WHO", help="Owner of files without one: an email or an id.")
@click.option("--dry-run", is_flag=True, help="Look for existing uploads, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@with_appcontext
@requires_write
def import_command(path: Path, owner: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Import the files of a folder, or those that a manifest names.

    A manifest has one JSON object a line: `file`, and optionally `filename`, `alt`, `visibility`
    and `owner`. Existing uploads are skipped, so an interrupted run can be started again. Refused
    files are printed, and the command ends with status 1.
    """
    found = import_uploads(
        read_entries(path),
        folder=folder_of(path),
        owner_id=find_user(owner, engine=db.engine).id if owner else None,
        dry_run=dry_run,
        engine=db.engine,
        storage=current_storage(),
        processing=_without_daily_limit(current_processing(other_files=True)),
    )
    lines = ((each.outcome, f"{each.file}: {each.reason}") for each in found)
    report_files(lines, "imported", _PROBLEMS, dry_run=dry_run, as_json=as_json)


def _without_daily_limit(processing: Processing) -> Processing:
    # The limit is for clients, and not for an operator who imports files for others.
    return replace(processing, policy=replace(processing.policy, daily_bytes=None))
