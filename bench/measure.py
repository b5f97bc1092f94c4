"""Rounds that alternate between servers.

Whatever else the machine does meets all of them alike.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from bench.answer import WrongAnswer
from bench.load import Job, Outcome, run
from bench.process import Server
from bench.workload import Exchange

_WARM_UP_SECONDS = 0.4


class CountsUploads(Protocol):
    """Somebody who can ask a server."""

    def count(self) -> int:
        """How many uploads there are."""


@dataclass(slots=True)
class Subject:
    """A server with what is asked of it.

    Args:
        name: as which its figures are noted.
        server: is running.
        client: speaks with it.
        exchanges: what is measured, by name.
    """

    name: str
    server: Server
    client: CountsUploads
    exchanges: Mapping[str, Exchange]


@dataclass(slots=True)
class Figures:
    """What one server did with one kind of request.

    Args:
        per_second: requests a second, a value for each round.
        latencies: seconds, one for each request of all rounds.
        tails: p99 / p50, a value for each round.
        peak_bytes: memory of all its processes.
    """

    per_second: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    tails: list[float] = field(default_factory=list)
    peak_bytes: int = 0

    def note(self, outcome: Outcome) -> None:
        """Add a round."""
        self.per_second.append(len(outcome.latencies) / outcome.seconds)
        self.latencies.extend(outcome.latencies)
        self.tails.append(_percentile(outcome.latencies, 99) / _percentile(outcome.latencies, 50))

    def percentile(self, percent: int) -> float:
        """The latency, in milliseconds, that so many of a hundred requests did not exceed."""
        return _percentile(self.latencies, percent) * 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of request, asked of several servers in the same rounds.

    Args:
        name: of the kind of request.
        figures: by the server's name; the first is what is measured.
    """

    name: str
    figures: dict[str, Figures]

    @property
    def first(self) -> Figures:
        """What is measured."""
        return next(iter(self.figures.values()))

    @property
    def others(self) -> list[str]:
        """What it is measured against."""
        return list(self.figures)[1:]

    def ratios(self, other: str, one: str = "") -> list[float]:
        """Requests a second of one for each of another's, a value for each round.

        Args:
            other: the name of what is measured against.
            one: the name of what is; without, the first.
        """
        ours = self.figures[one] if one else self.first
        pairs = zip(ours.per_second, self.figures[other].per_second, strict=True)
        return [its / theirs for its, theirs in pairs]


def measure(  # noqa: PLR0913 - servers and how to load them
    name: str,
    subjects: Sequence[Subject],
    *,
    rounds: int,
    seconds: float,
    pool: ProcessPoolExecutor,
    advance: Callable[[], None],
) -> Row:
    """One kind of request, on all that know it.

    Args:
        name: of the kind of request.
        subjects: what is measured, and what it is measured against.
        rounds: windows for each; the order changes from one to the next.
        seconds: length of a window.
        pool: a process that sends the requests.
        advance: called after each round.

    Raises:
        WrongAnswer: a server answered wrongly, or did not keep what it said it had.
    """
    asked = [each for each in subjects if name in each.exchanges]
    row = Row(name, {each.name: Figures() for each in asked})
    order = list(asked)
    for subject in asked:
        _window(subject, name, _WARM_UP_SECONDS, pool)
        subject.server.reset_peak()
    for _ in range(rounds):
        for subject in order:
            row.figures[subject.name].note(_window(subject, name, seconds, pool))
        order.append(order.pop(0))
        advance()
    for subject in asked:
        row.figures[subject.name].peak_bytes = subject.server.peak_bytes()
    return row


def _window(subject: Subject, name: str, seconds: float, pool: ProcessPoolExecutor) -> Outcome:
    """Load one server, and see that its rows grew by as many as it acknowledged."""
    exchange = subject.exchanges[name]
    job = Job(subject.server.port, exchange.request, exchange.status, exchange.body_bytes, seconds)
    before = subject.client.count()
    outcome = pool.submit(run, job).result()
    subject.server.check_alive()
    grown = subject.client.count() - before
    expected = len(outcome.latencies) if name.startswith("upload") else 0
    if grown != expected:
        raise WrongAnswer(f"{subject.name}: {expected} acknowledged, {grown} kept")
    return outcome


def _percentile(latencies: list[float], percent: int) -> float:
    return statistics.quantiles(latencies, n=100, method="inclusive")[percent - 1]
