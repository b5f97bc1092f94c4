"""Start servers, measure them in alternating rounds, and end them."""

import multiprocessing
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from rich.console import Console
from rich.progress import Progress

from bench.measure import CountsUploads, Row, Subject, measure
from bench.process import Server
from bench.workload import Exchange, UploadWorkload, make_files

Starter = Callable[[Path], AbstractContextManager[Server]]


class Workload(CountsUploads, Protocol):
    """The requests of one server."""

    def wait(self) -> None:
        """Wait for the first right answer."""

    def exchanges(self, files: dict[str, bytes]) -> Mapping[str, Exchange]:
        """Fill the server, check an answer of each kind, and return the exchanges by name."""


def compare(  # noqa: PLR0913 - servers and how to load them
    folder: Path,
    starters: Mapping[str, Starter],
    names: Iterable[str],
    *,
    rounds: int,
    seconds: float | Callable[[str], float],
    workloads: Mapping[str, Callable[[Server], Workload]] = MappingProxyType({}),
    skipped: Collection[tuple[str, str]] = (),
) -> list[Row]:
    """Start all servers, measure one kind of request after the other, and end all.

    Args:
        folder: empty; each server gets a folder in it.
        starters: of each server, by the name of its figures; the measured one first.
        names: the kinds of request.
        rounds: windows for each kind and server.
        seconds: length of a window, or a function of the kind of request.
        workloads: by the same names, where it is not `UploadWorkload`.
        skipped: pairs of a kind of request and a server that are not measured.

    Raises:
        WrongAnswer: a server answered wrongly.
    """
    names = tuple(names)
    # A fresh process, not a fork: it must not carry the parent's memory into its own.
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        pool = stack.enter_context(ProcessPoolExecutor(1, mp_context=context))
        files = make_files()
        subjects = []
        for name, start in starters.items():
            (folder / name).mkdir()
            server = stack.enter_context(start(folder / name))
            subjects.append(_subject(name, server, workloads.get(name, UploadWorkload), files))
        progress = stack.enter_context(Progress(console=Console(stderr=True), transient=True))
        task = progress.add_task("measuring", total=len(names) * rounds)
        return [
            measure(
                name,
                [each for each in subjects if (name, each.name) not in skipped],
                rounds=rounds,
                seconds=seconds(name) if callable(seconds) else seconds,
                pool=pool,
                advance=lambda: progress.advance(task),
            )
            for name in names
        ]


def _subject(
    name: str, server: Server, kind: Callable[[Server], Workload], files: dict[str, bytes]
) -> Subject:
    workload = kind(server)
    workload.wait()
    return Subject(name, server, workload, workload.exchanges(files))
