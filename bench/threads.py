"""Compare two numbers of threads that work at once: `python -m bench.threads 1 64`.

Both run in alternating rounds, because two runs on a shared machine differ by more.
"""

import tempfile
from functools import partial
from pathlib import Path

import click

from bench.compare import compare
from bench.report import print_table
from bench.servers import product

_THREADS = click.IntRange(1, 1024)
_ROUNDS, _SECONDS = 8, 1.5


@click.command()
@click.argument("threads", type=_THREADS)
@click.argument("other", type=_THREADS)
@click.option("--row", "name", default="upload, 20 KB", show_default=True, help="Row to measure.")
def main(threads: int, other: int, name: str) -> None:
    """Compare THREADS of each worker at once with OTHER, the base."""
    starters = {
        "first": partial(product, threads=threads),
        "second": partial(product, threads=other),
    }
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        rows = compare(Path(folder), starters, [name], rounds=_ROUNDS, seconds=_SECONDS)
    print_table(rows)


if __name__ == "__main__":
    main()
