"""Print results on standard output and progress on standard error."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_LINE_SECONDS = 10.0


def print_report(facts: Mapping[str, object], text: str, *, as_json: bool) -> None:
    """Print facts as one JSON object on one line, or as a text."""
    click.echo(msgspec.json.encode(facts) if as_json else text)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on a terminal, and print a line every ten seconds elsewhere.

    Args:
        what: is counted, in the plural.
        total: the number at the end, if it is known.

    Yields:
        A function to call with the number so far.
    """
    with progress_by_step({what: total}) as advance:
        yield partial(advance, what)


def _lines(what: str, total: int | None) -> Callable[[int], None]:
    last = time.monotonic()

    def advance(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _LINE_SECONDS:
            last = time.monotonic()
            click.echo(f"{done:,} {'' if total is None else f'of {total:,} '}{what}", err=True)

    return advance


@contextmanager
def progress_by_step(
    totals: Mapping[str, int | None],
) -> Iterator[Callable[[str, int], None]]:
    """Show the progress of several steps, as `progress` does of one.

    Args:
        totals: of the steps that are known now; others may follow.

    Yields:
        A function to call with the step and its number so far.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        lines = cache(lambda what: _lines(what, totals.get(what)))
        yield lambda what, done: lines(what)(done)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        tasks = {what: bar.add_task(what, total=total) for what, total in totals.items()}

        def advance(what: str, done: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=None)
            bar.update(tasks[what], completed=done)

        yield advance
