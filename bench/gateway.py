"""Measure what receiving requests whole costs: `python -m bench.gateway`.

The program against itself in alternating rounds of one run: behind `server/gateway.py`, as it
is, and under granian's WSGI, where a thread waits for each body.
"""

import tempfile
from functools import partial
from pathlib import Path

import click

from bench.compare import compare
from bench.report import machine_facts, print_facts, print_table
from bench.serve import WSGI
from bench.servers import product

_ROUNDS, _SECONDS = 9, 1.0
_ROWS = ("read of one", "list of 50", "bytes, 20 KB", "upload, 20 KB", "upload, 330 KB")


@click.command()
@click.option("--row", "names", multiple=True, type=click.Choice(_ROWS), help="Only this row.")
def main(names: tuple[str, ...]) -> None:
    """Compare the server with itself under WSGI, the base."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        facts = machine_facts(Path(folder))
        rows = compare(
            Path(folder),
            {"gateway": product, "wsgi": partial(product, instead=WSGI)},
            names or _ROWS,
            rounds=_ROUNDS,
            seconds=_SECONDS,
        )
    print_table(rows)
    print_facts(facts)


if __name__ == "__main__":
    main()
