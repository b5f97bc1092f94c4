"""Count and report what became of many files, for `import` and `export`."""

from collections import Counter
from collections.abc import Collection, Iterable

import click

from open_event_uploads.cli.output import print_json, progress


def count_outcomes(files: Iterable[tuple[str, str]], problems: Collection[str]) -> Counter[str]:
    """Count the outcomes of files, and print the line of each problem at once.

    Args:
        files: the outcome of each file, and a line about it.
        problems: the outcomes that are problems.
    """
    counts = Counter[str]()
    with progress("files") as advance:
        for outcome, line in files:
            counts[outcome] += 1
            if outcome in problems:
                click.echo(line, err=True)
            advance(counts.total())
    return counts


def report_files(
    counts: Counter[str], done: str, problems: Collection[str], *, dry_run: bool, as_json: bool
) -> None:
    """Print the report, and end with status 1 if there were problems."""
    count = sum(counts[each] for each in problems)
    facts = {"files": counts.total(), done: counts["done"], "there": counts["there"]}
    if as_json:
        print_json({**facts, "problems": count})
    else:
        click.echo(
            f"{counts.total()} files: {counts['done']} {done}, {counts['there']} there already, "
            f"{count} problems{' (dry run: nothing was written)' if dry_run else ''}"
        )
    raise SystemExit(1 if count else 0)
