"""Compare two numbers of workers: `python -m bench.workers 2 1`.

Both run in alternating rounds, on SQLite and a folder, or on the databases and storages of the
options: two of each, because each server counts its own uploads.
"""

import tempfile
from pathlib import Path

import click

from bench.compare import Starter, compare
from bench.report import machine_facts, print_facts, print_table
from bench.servers import product

_WORKERS = click.IntRange(1, 64)
_ROUNDS, _SECONDS = 7, 1.0
_ROWS = ("read of one", "list of 50", "bytes, 20 KB", "upload, 20 KB", "upload, 330 KB")
# For a measurement that lasts minutes.
_SECRET = "nobody-signs-in-here-but-the-load-itself"  # noqa: S105


@click.command()
@click.argument("workers", type=_WORKERS)
@click.argument("other", type=_WORKERS)
@click.option("--databases", nargs=2, help="Addresses of two empty PostgreSQL databases.")
@click.option("--storages", nargs=2, help="Addresses of two empty parts of a bucket.")
@click.option("--row", "names", multiple=True, type=click.Choice(_ROWS), help="Only this row.")
def main(
    workers: int,
    other: int,
    *,
    databases: tuple[str, str] | None,
    storages: tuple[str, str] | None,
    names: tuple[str, ...],
) -> None:
    """Compare WORKERS processes with OTHER, the base."""

    def starter(number: int, count: int) -> Starter:
        given = {"database_url": databases, "storage_url": storages}
        settings = {name: urls[number] for name, urls in given.items() if urls}
        settings["secret_key"] = _SECRET
        return lambda folder: product(folder, options=("--workers", str(count)), settings=settings)

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        facts = machine_facts(Path(folder))
        rows = compare(
            Path(folder),
            {"first": starter(0, workers), "second": starter(1, other)},
            names or _ROWS,
            rounds=_ROUNDS,
            seconds=_SECONDS,
        )
    print_table(rows)
    print_facts(facts)


if __name__ == "__main__":
    main()
