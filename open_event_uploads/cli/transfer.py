"""`import` and `export`: many files at once, from a folder and into one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click
from flask.cli import with_appcontext

from open_event_uploads.accounts.find_user import find_user
from open_event_uploads.cli.output import print_json, progress
from open_event_uploads.cli.writing import writing
from open_event_uploads.context import current_storage, db
from open_event_uploads.maintenance.export_uploads import PROBLEMS, export_uploads
from open_event_uploads.maintenance.import_uploads import import_uploads
from open_event_uploads.maintenance.manifest import folder_of, read_entries
from open_event_uploads.uploads.processing import Processing, current_processing

_dry_run = click.option("--dry-run", is_flag=True, help="Look what is there, and write nothing.")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--owner", metavar="WHO", help="Whose the files are that name nobody: email or id.")
@_dry_run
@_as_json
@with_appcontext
@writing
def import_command(path: Path, owner: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Import the files of a folder, or those that a manifest names.

    A manifest holds one JSON object a line: `file`, and what is wanted of `filename`, `alt`,
    `visibility` and `owner`. What is there already is left out, so that this may be stopped and
    run again; what is refused is named, and the command ends with 1.
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
    counts = _count((each.outcome, f"{each.file}: {each.reason}") for each in found)
    _report(counts, "imported", {"refused"}, dry_run=dry_run, as_json=as_json)


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_dry_run
@_as_json
@with_appcontext
def export_command(folder: Path, *, dry_run: bool, as_json: bool) -> None:
    """Write every upload into a folder, with a manifest that `import` takes back.

    May be stopped and run again: what is in the folder already is not written twice.
    """
    found = export_uploads(folder, session=db.session(), storage=current_storage(), dry_run=dry_run)
    counts = _count((each.outcome, f"{each.upload_id}: {each.outcome}") for each in found)
    _report(counts, "exported", PROBLEMS, dry_run=dry_run, as_json=as_json)


def _without_daily_limit(processing: Processing) -> Processing:
    """What somebody may send in a day says nothing of what an operator brings along."""
    return replace(processing, policy=replace(processing.policy, daily_bytes=None))


def _count(outcomes: Iterable[tuple[str, str]]) -> Counter[str]:
    """How many came to what; what is wrong is said at once."""
    counts = Counter[str]()
    with progress("files") as advance:
        for outcome, line in outcomes:
            counts[outcome] += 1
            if outcome in PROBLEMS or outcome == "refused":
                click.echo(line, err=True)
            advance(counts.total())
    return counts


def _report(
    counts: Counter[str], done: str, bad: Iterable[str], *, dry_run: bool, as_json: bool
) -> None:
    problems = sum(counts[each] for each in bad)
    facts = {"files": counts.total(), done: counts["done"], "there": counts["there"]}
    if as_json:
        print_json({**facts, "problems": problems})
    else:
        click.echo(
            f"{counts.total()} files: {counts['done']} {done}, {counts['there']} there already, "
            f"{problems} problems{' (dry run: nothing was written)' if dry_run else ''}"
        )
    raise SystemExit(1 if problems else 0)
