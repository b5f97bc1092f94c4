"""Measure lists, sweep and verify by the number of rows: `python -m bench.scale`.

The application runs in this process and one thread. `scale_rows` describes the rows, and
`scale_storage` the objects. A run stops where a query finds uploads without an index.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path

import click
from flask import Flask
from flask_migrate import downgrade, upgrade
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, inspect, text

from bench.report import machine_facts, print_facts
from bench.scale_jobs import measure_jobs
from bench.scale_plans import Plan
from bench.scale_requests import measure_requests
from bench.scale_rows import Rows, fill
from open_event_uploads.app import create_app
from open_event_uploads.context import db
from open_event_uploads.database.types import now
from open_event_uploads.settings import load_settings

_WIDTH = 130  # characters, where the terminal does not say


@dataclass(frozen=True, slots=True)
class Findings:
    """The measurements of one number of rows.

    Args:
        cells: of the table, by the name of the request.
        plans: of the database, by the same names.
    """

    cells: dict[str, str] = field(default_factory=dict)
    plans: dict[str, list[Plan]] = field(default_factory=dict)


@click.command()
@click.option("--rows", "counts", multiple=True, type=click.IntRange(100), default=(1_000, 100_000))
@click.option("--database-url", default="", help="An empty database; default: SQLite in a file.")
@click.option("--plans", is_flag=True, help="Print the query plans of the largest database.")
def main(*, counts: tuple[int, ...], database_url: str, plans: bool) -> None:
    """Fill a database, measure every request, and empty it again, for each number of rows."""
    found = {count: _measure(count, database_url) for count in counts}
    _print_table(found)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        print_facts(machine_facts(Path(folder)))
    if plans:
        _print_plans(found[max(counts)])


def _measure(count: int, database_url: str) -> Findings:
    rows, findings = Rows(count, now()), Findings()
    with _application(database_url) as app:
        click.echo(f"{count:,} rows: filling", err=True)
        fill(db.engine, rows)
        findings.cells["size of the database"] = _size(db.engine)
        for measure in (measure_requests, measure_jobs):
            click.echo(f"{count:,} rows: {measure.__name__}", err=True)
            for name, cell, plans in measure(app, rows):
                mark = " *" if any(each.reads_all for each in plans) else ""
                findings.cells[name], findings.plans[name] = f"{cell}{mark}", plans
    return findings


@contextmanager
def _application(database_url: str) -> Iterator[Flask]:
    """Yield the application with an empty, migrated database, and discard its log."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Path(os.devnull).open("w") as log:
        settings = {
            "data_dir": Path(folder),
            "secret_key": os.urandom(32).hex(),
            "database_url": database_url or f"sqlite:///{folder}/uploads.db",
        }
        with redirect_stderr(log):
            app = create_app(load_settings(**settings))
        with app.app_context():
            _check_empty(db.engine)
            try:
                upgrade()
                yield app
            finally:
                db.session.remove()
                downgrade(revision="base")
                db.engine.dispose()


def _check_empty(engine: Engine) -> None:
    """Raise an error unless the database is empty, because its content will be removed.

    Raises:
        ClickException: it has tables.
    """
    if set(inspect(engine).get_table_names()) - {"alembic_version"}:
        raise click.ClickException("--database-url: the database is not empty")


def _size(engine: Engine) -> str:
    """Return the size with indexes and deleted rows."""
    statements = {
        "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        "postgresql": "SELECT pg_database_size(current_database())",
    }
    with engine.connect() as connection:
        size = connection.scalar(text(statements[engine.dialect.name]))
    return f"{size / 2**20:,.0f} MiB"


def _print_table(found: dict[int, Findings]) -> None:
    table = Table(box=MARKDOWN)
    table.add_column("", no_wrap=True)
    for count in found:
        table.add_column(f"{count:,} rows", justify="right", no_wrap=True)
    for name in next(iter(found.values())).cells:
        table.add_row(name, *(each.cells[name] for each in found.values()))
    Console(width=_WIDTH).print(table)
    print("* reads the whole table, and not an index alone")


def _print_plans(findings: Findings) -> None:
    for name, plans in findings.plans.items():
        print(f"\n## {name}")
        for plan in plans:
            print(f"\n{plan.statement}\n\n{plan.steps}")


if __name__ == "__main__":
    main()
