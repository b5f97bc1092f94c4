"""Two servers side by side, from start to end."""

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bench.client import Client, make_files
from bench.measure import Row, Subject, measure
from bench.servers import Server

Starter = Callable[[Path], AbstractContextManager[Server]]


def compare(  # noqa: PLR0913 - two servers and how to load them
    folder: Path,
    product: Starter,
    floor: Starter,
    names: Iterable[str],
    *,
    rounds: int,
    seconds: float,
) -> list[Row]:
    """Start both, measure one kind of request after the other, end both.

    Args:
        folder: empty; each server gets a folder in it.
        product: starts what is measured.
        floor: starts what it is measured against.
        names: the kinds of request.
        rounds: windows for each kind and server.
        seconds: length of a window.

    Raises:
        WrongAnswer: a server answered wrongly.
    """
    names = tuple(names)
    # A fresh process, not a fork: it must not carry the parent's memory into its own.
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        pool = stack.enter_context(ProcessPoolExecutor(1, mp_context=context))
        files = make_files()
        subjects = (
            _subject(stack, product, folder / "product", files),
            _subject(stack, floor, folder / "floor", files),
        )
        progress = stack.enter_context(Progress(console=Console(stderr=True), transient=True))
        task = progress.add_task("measuring", total=len(names) * rounds * 2)
        return [
            measure(
                name,
                *subjects,
                rounds=rounds,
                seconds=seconds,
                pool=pool,
                advance=lambda: progress.advance(task),
            )
            for name in names
        ]


def _subject(stack: ExitStack, start: Starter, folder: Path, files: dict[str, bytes]) -> Subject:
    """A server, filled and looked at; ended when the stack is left."""
    folder.mkdir()
    server = stack.enter_context(start(folder))
    client = Client(server)
    client.wait()
    return Subject(server, client, client.exchanges(files))
