"""`verify`: read every file back."""

import sys
from collections import Counter
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from open_event_uploads.cli.output import print_json, progress
from open_event_uploads.context import current_storage, db
from open_event_uploads.maintenance.verify import Verdict, count_uploads, verify
from open_event_uploads.uploads.recount_usage import find_drift, recount_usage


@click.command("verify")
@click.option("--quick", is_flag=True, help="Look at existence and size only.")
@click.option(
    "--quarantine",
    is_flag=True,
    help="Withhold what is lost or damaged, and hand out again what has its bytes back.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--recount", is_flag=True, help="Set wrong counts of users' bytes right.")
@with_appcontext
def verify_command(*, quick: bool, quarantine: bool, as_json: bool, recount: bool) -> None:
    """Check that every upload has its bytes: existence, size and SHA-256.

    And that what counts for each user is what their uploads add up to. Ends with status 1 when
    something is wrong.
    """
    problems, done = Counter[str](), Counter[str]()
    checked = 0
    with progress("uploads", total=count_uploads(engine=db.engine)) as advance:
        for verdict in verify(
            engine=db.engine, storage=current_storage(), quick=quick, quarantine=quarantine
        ):
            checked += 1
            advance(checked)
            problems.update([verdict.problem] if verdict.problem else [])
            done.update([verdict.done] if verdict.done else [])
            if verdict.problem or verdict.done:
                _print(verdict, as_json=as_json)
    problems.update(_check_usage(as_json=as_json, recount=recount))
    if as_json:
        # `quarantined` is the problem of those that were withheld before.
        acts = {"newly-quarantined": done["quarantined"], "released": done["released"]}
        print_json({"checked": checked, "problems": problems.total(), **problems, **acts})
    else:
        acts_said = "".join(f", {count} {what}" for what, count in sorted(done.items()))
        click.echo(f"{checked} uploads checked, {problems.total()} problems{acts_said}")
    sys.exit(1 if problems else 0)


def _print(verdict: Verdict, *, as_json: bool) -> None:
    found = {"id": verdict.upload_id, "key": verdict.key, "problem": verdict.problem}
    if as_json:
        print_json({**found, "done": verdict.done} if verdict.done else found)
        return
    said = " and ".join(dict.fromkeys(filter(None, (verdict.problem, verdict.done))))
    click.echo("{said}: upload {id}, object {key}".format_map({**found, "said": said}))


def _check_usage(*, as_json: bool, recount: bool) -> Counter[str]:
    """Compare what counts for each user with the uploads."""
    problems = Counter[str]()
    for drift in find_drift(engine=db.engine):
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
            recount_usage(drift.user_id, engine=db.engine)
    return problems
