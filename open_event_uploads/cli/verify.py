"""`verify`: read every file back."""

import sys
from collections import Counter
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from open_event_uploads.cli.output import print_json, progress
from open_event_uploads.extensions import current_storage, db
from open_event_uploads.services.recount_usage import find_drift, recount_usage
from open_event_uploads.services.verify import count_uploads, verify


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--recount", is_flag=True, help="Set wrong counts of users' bytes right.")
@with_appcontext
def verify_command(*, as_json: bool, recount: bool) -> None:
    """Check that every upload has its bytes: existence, size and SHA-256.

    And that what counts for each user is what their uploads add up to. Ends with status 1 when
    something is wrong.
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
    for drift in find_drift(session=session):
        problems["wrong-usage"] += 1
        if as_json:
            print_json({"problem": "wrong-usage", **asdict(drift)})
        else:
            click.echo(
                "wrong-usage: user {user_id}, {counted} bytes counted, {stored} stored".format_map(
                    asdict(drift)
                )
            )
        if recount:
            recount_usage(drift.user_id, session=session)
    summary = {"checked": checked, "problems": problems.total(), **problems}
    if as_json:
        print_json(summary)
    else:
        click.echo(f"{checked} uploads checked, {problems.total()} problems")
    sys.exit(1 if problems else 0)
