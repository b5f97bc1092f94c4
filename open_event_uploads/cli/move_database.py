"""Run `move-database`: move one database to another."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from flask.cli import with_appcontext
from sqlalchemy import Engine

from open_event_uploads.cli.output import print_report, progress
from open_event_uploads.context import current_migrations
from open_event_uploads.database.engine import open_engine
from open_event_uploads.maintenance.claim_target import State
from open_event_uploads.maintenance.move_database import MoveReport, move_database, survey


@click.command("move-database")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--dry-run", is_flag=True, help="Check and count, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@with_appcontext
def move_database_command(source: str, target: str, *, dry_run: bool, as_json: bool) -> None:
    """Copy the database at the address FROM to the empty one at TO, and compare every row.

    Servers on FROM must run with UPLOADS_READ_ONLY=true until they are restarted with
    UPLOADS_DATABASE_URL=TO. An interrupted run can be started again.
    """
    migrations = current_migrations()
    with (
        _opened(source, name="FROM", read_only=True) as from_engine,
        _opened(target, name="TO", read_only=dry_run) as to_engine,
    ):
        engines = {"source": from_engine, "target": to_engine}
        report = survey(**engines, migrations=migrations)
        if not dry_run:
            with _progress(report, plain=not as_json) as advance:
                move_database(report, **engines, migrations=migrations, progress=advance)
    facts = {
        "to": report.state.value,
        "tables": report.tables,
        "rows": report.rows,
        "copied": report.copied,
        "dry_run": dry_run,
    }
    print_report(facts, _sentence(report, dry_run=dry_run), as_json=as_json)


@contextmanager
def _opened(url: str, *, name: str, read_only: bool) -> Iterator[Engine]:
    """Open a database, and close it also if the other one cannot be opened."""
    engine = open_engine(url, name=name, read_only=read_only)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _progress(report: MoveReport, *, plain: bool) -> Iterator[Callable[[str, int], None]]:
    """Show a bar for all rows, each of which is copied and compared, and print a line a step."""
    done = Counter[str]()
    with progress("rows", total=2 * report.rows) as show:

        def advance(step: str, rows: int) -> None:
            if plain and done and step not in done:
                _print_last(done)
            done[step] += rows
            show(done.total())

        yield advance
    if plain and done:
        _print_last(done)


def _print_last(done: Counter[str]) -> None:
    step = list(done)[-1]
    click.echo(f"{step}: {done[step]} rows")


def _sentence(report: MoveReport, *, dry_run: bool) -> str:
    state = {
        State.EMPTY: "TO is empty",
        State.INTERRUPTED: "TO held a part",
        State.FINISHED: "TO had been copied before",
    }[report.state]
    outcome = "nothing written (dry run)" if dry_run else f"{report.copied} copied, all compared"
    return f"{report.rows} rows, {state}: {outcome}"
