"""Count and report what became of many files, for `import` and `export`."""

from collections import Counter
from collections.abc import Collection, Iterable

import click

from open_event_uploads.cli.output import print_report, progress


def report_files(
    files: Iterable[tuple[str, str]],
    done: str,
    problems: Collection[str],
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Count the outcomes of files, print each problem at once, and a report at the end.

    Ends with status 1 if there were problems.

    Args:
        files: the outcome of each file, and a line about it.
        done: the participle of what was done.
        problems: the outcomes that are problems.
        dry_run: whether nothing was written.
        as_json: whether to print JSON.
    """
    counts = Counter[str]()
    with progress("files") as advance:
        for outcome, line in files:
            counts[outcome] += 1
            if outcome in problems:
                click.echo(line, err=True)
            advance(counts.total())
    count = sum(counts[each] for each in problems)
    facts = {"files": counts.total(), done: counts["done"], "there": counts["there"]}
    text = (
        f"{counts.total()} files: {counts['done']} {done}, {counts['there']} there already, "
        f"{count} problems{' (dry run: nothing was written)' if dry_run else ''}"
    )
    print_report({**facts, "problems": count}, text, as_json=as_json)
    raise SystemExit(1 if count else 0)
