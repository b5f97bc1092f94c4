"""Run `move-storage`: move objects from the previous storage to the current one."""

from collections import Counter

import click
from flask.cli import with_appcontext

from open_event_uploads.cli.output import print_report, progress
from open_event_uploads.context import current_storage, db
from open_event_uploads.errors import InvalidSettings
from open_event_uploads.maintenance.move_storage import PROBLEMS, copy_objects, empty_previous
from open_event_uploads.storage.moving import MovingStorage


@click.command("move-storage")
@click.option(
    "--empty-previous",
    "empties",
    is_flag=True,
    help="Instead, delete from the previous storage what the new one has with the same bytes.",
)
@click.option("--dry-run", is_flag=True, help="Count what would be done, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@with_appcontext
def move_storage_command(*, empties: bool, dry_run: bool, as_json: bool) -> None:
    """Copy all objects from UPLOADS_STORAGE_PREVIOUS_URL to UPLOADS_STORAGE_URL.

    Every server must run with both settings before. An interrupted run can be started again. Ends
    with status 1 if an object could not be moved.
    """
    storage = current_storage()
    if not isinstance(storage, MovingStorage):
        raise InvalidSettings("UPLOADS_STORAGE_PREVIOUS_URL: set it to where the objects are now")
    step = empty_previous if empties else copy_objects
    counts, size = Counter[str](), 0
    with progress("objects") as advance:
        for each in step(engine=db.engine, storage=storage, dry_run=dry_run):
            counts[each.outcome] += 1
            size += each.size if each.outcome == "done" else 0
            if each.outcome in PROBLEMS:
                click.echo(f"{each.key}: {each.outcome}", err=True)
            advance(counts.total())
    problems = sum(counts[each] for each in PROBLEMS)
    done = "removed" if empties else "copied"
    facts = {
        "objects": counts.total(),
        done: counts["done"],
        "bytes": size,
        "there": counts["there"],
        "gone": counts["gone"],
        "problems": problems,
    }
    text = (
        f"{counts.total()} objects: {counts['done']} {done} ({size} bytes), "
        f"{counts['there']} there already, {problems} problems"
        f"{'; nothing was done (dry run)' if dry_run else ''}"
    )
    print_report(facts, text, as_json=as_json)
    raise SystemExit(1 if problems else 0)
