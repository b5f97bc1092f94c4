"""`verify`: read every file back."""

import sys
from collections import Counter

import click
from flask.cli import with_appcontext

from open_event_uploads.cli.output import print_json, progress
from open_event_uploads.extensions import current_storage, db
from open_event_uploads.services.verify import count_uploads, verify


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@with_appcontext
def verify_command(*, as_json: bool) -> None:
    """Check that every upload has its bytes: existence, size and SHA-256.

    Ends with status 1 when one has not.
    """
    session = db.session()
    problems = Counter[str]()
    checked = 0
    with progress("uploads", total=count_uploads(session=session)) as advance:
        for verdict in verify(session=session, storage=current_storage()):
            checked += 1
            advance(checked)
            if verdict.problem is None:
                continue
            problems[verdict.problem] += 1
            found = {"id": verdict.upload_id, "key": verdict.key, "problem": verdict.problem}
            if as_json:
                print_json(found)
            else:
                click.echo("{problem}: upload {id}, object {key}".format_map(found))
    summary = {"checked": checked, "problems": problems.total(), **problems}
    if as_json:
        print_json(summary)
    else:
        click.echo(f"{checked} uploads checked, {problems.total()} problems")
    sys.exit(1 if problems else 0)
