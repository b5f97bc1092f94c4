"""What commands print: results on standard output, progress on standard error."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def print_json(facts: Mapping[str, object]) -> None:
    """One JSON object on a line of its own."""
    click.echo(msgspec.json.encode(facts))


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, and nothing elsewhere.

    Args:
        what: is counted.
        total: how many there are, where that is known.

    Yields:
        A function that is told how many are done.
    """
    with _bar() as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def progress_of_steps() -> Iterator[Callable[[str, int], None]]:
    """The same for what counts one thing after another.

    Yields:
        A function that is told what is counted, and how many are done.
    """
    with _bar() as bar:
        tasks = {}

        def advance(what: str, done: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=None)
            bar.update(tasks[what], completed=done)

        yield advance


def _bar() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
