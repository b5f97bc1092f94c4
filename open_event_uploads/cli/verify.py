"""Run `verify`: check that every upload has its bytes, and every user the right count."""

import sys
from collections import Counter
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from open_event_uploads.cli.output import print_report, progress
from open_event_uploads.context import current_storage, db
from open_event_uploads.maintenance.verify import Verdict, is_verified, verify
from open_event_uploads.maintenance.verify_pieces import verify_pieces
from open_event_uploads.uploads.recount_usage import find_drift, recount_usage
from open_event_uploads.uploads.walk import count_uploads


@click.command("verify")
@click.option("--quick", is_flag=True, help="Compare existence and size only.")
@click.option(
    "--quarantine",
    is_flag=True,
    help="Put lost or damaged uploads into quarantine, and release those with restored bytes.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--recount", is_flag=True, help="Correct wrong counts of users' bytes.")
@with_appcontext
def verify_command(*, quick: bool, quarantine: bool, as_json: bool, recount: bool) -> None:
    """Check that every upload has its bytes: existence, size and SHA-256.

    Check too that unfinished uploads have the bytes that were acknowledged, and that the bytes
    counted for each user are those of their uploads. Ends with status 1 if there are problems.
    """
    problems, done = Counter[str](), Counter[str]()
    checked = 0
    with progress("uploads", count_uploads(*is_verified(), engine=db.engine)) as advance:
        for verdict in verify(
            engine=db.engine, storage=current_storage(), quick=quick, quarantine=quarantine
        ):
            checked += 1
            advance(checked)
            problems.update([verdict.problem] if verdict.problem else [])
            done.update([verdict.done] if verdict.done else [])
            if verdict.problem or verdict.done:
                _print(verdict, as_json=as_json)
    for verdict in verify_pieces(engine=db.engine, storage=current_storage()):
        problems.update(filter(None, [verdict.problem]))
        _print(verdict, as_json=as_json)
    problems.update(_check_usage(as_json=as_json, recount=recount))
    # The problem `quarantined` is of uploads that were in quarantine before.
    acts = {"newly-quarantined": done["quarantined"], "released": done["released"]}
    facts = {"checked": checked, "problems": problems.total(), **problems, **acts}
    changes = "".join(f", {count} {what}" for what, count in sorted(done.items()))
    text = f"{checked} uploads checked, {problems.total()} problems{changes}"
    print_report(facts, text, as_json=as_json)
    sys.exit(1 if problems else 0)


def _print(verdict: Verdict, *, as_json: bool) -> None:
    found = {"id": verdict.upload_id, "key": verdict.key, "problem": verdict.problem}
    facts = {**found, "done": verdict.done} if verdict.done else found
    outcome = " and ".join(dict.fromkeys(filter(None, (verdict.problem, verdict.done))))
    text = f"{outcome}: upload {verdict.upload_id}, object {verdict.key}"
    print_report(facts, text, as_json=as_json)


def _check_usage(*, as_json: bool, recount: bool) -> Counter[str]:
    """Compare the bytes that are counted for each user with their uploads."""
    problems = Counter[str]()
    for drift in find_drift(engine=db.engine):
        problems["wrong-usage"] += 1
        text = (
            f"wrong-usage: user {drift.user_id}, {drift.counted} bytes counted, "
            f"{drift.stored} stored"
        )
        print_report({"problem": "wrong-usage", **asdict(drift)}, text, as_json=as_json)
        if recount:
            recount_usage(drift.user_id, engine=db.engine)
    return problems
