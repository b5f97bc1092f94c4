"""`python -m bench`: start both, ask the same of both in turns, print what came out."""

import json
import tempfile
from functools import partial
from pathlib import Path

import click

from bench.compare import compare
from bench.report import as_json, machine_facts, print_facts, print_table
from bench.servers import floor, product
from open_event_uploads.settings import WORKER_THREADS

# Reads come first: how many rows there are, and how much memory an upload leaves behind, is then
# the same in every run.
ROWS = (
    "read of one",
    "list of 50",
    "bytes, 20 KB",
    "bytes, 300 KB",
    "upload, 20 KB",
    "upload, 300 KB",
    "upload, 3.5 MB",
)


@click.command()
@click.option("--quick", is_flag=True, help="Short windows, for a first look: under a minute.")
@click.option("--row", "names", multiple=True, type=click.Choice(ROWS), help="Only this row.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the servers keep their files, on the disk to be measured; about 4 GB for a "
    "while. Default: the system's temporary folder.",
)
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write every figure here.")
def main(*, quick: bool, names: tuple[str, ...], folder: Path | None, file: Path | None) -> None:
    """Measure the server against a floor: requests a second, latency, peak memory."""
    rounds, seconds = (3, 0.6) if quick else (9, 1.0)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as scratch:
        facts = machine_facts(Path(scratch))
        rows = compare(
            Path(scratch),
            partial(product, threads=WORKER_THREADS),
            partial(floor, threads=WORKER_THREADS),
            names or ROWS,
            rounds=rounds,
            seconds=seconds,
        )
    print_table(rows)
    print_facts(facts)
    if file:
        options = {"rounds": rounds, "seconds": seconds, "threads": WORKER_THREADS}
        file.write_text(json.dumps(as_json(rows, facts, options), indent=2) + "\n")


if __name__ == "__main__":
    main()
