"""`python -m bench`: measure every row, print the table, write the figures."""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bench.check import find_slower, report
from bench.report import machine_facts, print_facts
from bench.result import pooled
from bench.rows import QUICK, ROWS, Effort, measure_rows
from bench.table import as_json, print_results, with_others

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--quick", is_flag=True, help="Run few and short rounds: two minutes.")
@click.option("--row", "names", multiple=True, type=click.Choice(ROWS), help="Only this row.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder on the disk to measure; it needs about 6 GB for a while. Default: the "
    "system's temporary folder.",
)
@click.option("--json", "file", type=_FILE, help="Write every figure here.")
@click.option(
    "--into",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Write the measured rows into this file, beside its other rows.",
)
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Name what is slower than in this file by more than the noise, and exit with 1.",
)
def main(  # noqa: PLR0913 - the options of the command
    *,
    quick: bool,
    names: tuple[str, ...],
    folder: Path | None,
    file: Path | None,
    into: Path | None,
    against: Path | None,
) -> None:
    """Measure the server against the floor, the peer and the rest."""
    before = json.loads(against.read_text()) if against else None
    effort = QUICK if quick else Effort()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as scratch:
        facts = machine_facts(Path(scratch))
        results = measure_rows(Path(scratch), names or ROWS, effort)
        document = as_json(results, facts, asdict(effort))
        if before and (slower := find_slower(before, document)):
            # A machine that is busy for a minute looks like a server that got slower.
            again = measure_rows(Path(scratch), {each.row for _, each in slower}, effort)
            results = pooled(results, again)
            document = as_json(results, facts, asdict(effort))
    print_results(results)
    print_facts({**facts, **document["peers"]})
    if file:
        file.parent.mkdir(exist_ok=True)
        _write(file, document)
    if into:
        _write(into, with_others(document, json.loads(into.read_text())))
    if before and not report(before, document):
        sys.exit(1)


def _write(file: Path, document: dict[str, Any]) -> None:
    file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
