"""Measure servers in alternating rounds, so that other work on the machine affects all alike."""

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
    """A client that can count the uploads of a server."""

    def count(self) -> int:
        """Return the number of uploads."""


@dataclass(slots=True)
class Subject:
    """A server with its requests.

    Args:
        name: of its figures.
        server: that runs.
        client: of that server.
        exchanges: to measure, by name.
    """

    name: str
    server: Server
    client: CountsUploads
    exchanges: Mapping[str, Exchange]


@dataclass(slots=True)
class Figures:
    """The figures of one server for one kind of request.

    Args:
        per_second: requests a second, a value for each round.
        latencies: seconds, one for each request of all rounds.
        tails: p99 / p50, a value for each round.
        processor_ms: processor time of a request in all processes, a value for each round.
        peak_bytes: memory of all its processes.
    """

    per_second: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    tails: list[float] = field(default_factory=list)
    processor_ms: list[float] = field(default_factory=list)
    peak_bytes: int = 0

    def add_round(self, outcome: Outcome) -> None:
        """Add the figures of a round."""
        self.per_second.append(len(outcome.latencies) / outcome.seconds)
        self.latencies.extend(outcome.latencies)
        self.processor_ms.append(1000 * outcome.processor_seconds / len(outcome.latencies))
        self.tails.append(_percentile(outcome.latencies, 99) / _percentile(outcome.latencies, 50))

    def percentile(self, percent: int) -> float:
        """Return a percentile of the latencies in milliseconds."""
        return _percentile(self.latencies, percent) * 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of request, sent to several servers in the same rounds.

    Args:
        name: of the kind of request.
        figures: by the server's name; the measured one first.
    """

    name: str
    figures: dict[str, Figures]

    @property
    def first(self) -> Figures:
        """Return the figures of the measured server."""
        return next(iter(self.figures.values()))

    @property
    def others(self) -> list[str]:
        """Return the names of the servers that it is compared with."""
        return list(self.figures)[1:]

    def ratios(self, other: str, one: str = "") -> list[float]:
        """Return the ratio of requests a second, for each round.

        Args:
            other: the server in the denominator.
            one: the server in the numerator; by default the first.
        """
        ours = self.figures[one] if one else self.first
        pairs = zip(ours.per_second, self.figures[other].per_second, strict=True)
        return [its / theirs for its, theirs in pairs]

    def processor_ratios(self, other: str) -> list[float]:
        """Return the ratio of processor time a request, of the first server to another."""
        pairs = zip(self.first.processor_ms, self.figures[other].processor_ms, strict=True)
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
    """Measure one kind of request on all servers that support it.

    Args:
        name: of the kind of request.
        subjects: the measured server, and those that it is compared with.
        rounds: windows for each; their order changes.
        seconds: length of a window.
        pool: a process that sends the requests.
        advance: called after each round.

    Raises:
        WrongAnswer: a server answered wrongly, or did not store what it acknowledged.
    """
    asked = [each for each in subjects if name in each.exchanges]
    row = Row(name, {each.name: Figures() for each in asked})
    order = list(asked)
    for subject in asked:
        _window(subject, name, _WARM_UP_SECONDS, pool)
        subject.server.reset_peak()
    for _ in range(rounds):
        for subject in order:
            row.figures[subject.name].add_round(_window(subject, name, seconds, pool))
        order.append(order.pop(0))
        advance()
    for subject in asked:
        row.figures[subject.name].peak_bytes = subject.server.peak_bytes()
    return row


def _window(subject: Subject, name: str, seconds: float, pool: ProcessPoolExecutor) -> Outcome:
    """Load one server, and check that its rows grew by the number that it acknowledged."""
    exchange = subject.exchanges[name]
    job = Job(subject.server.port, exchange.request, exchange.status, exchange.body_bytes, seconds)
    before = subject.client.count()
    used = subject.server.processor_seconds()
    outcome = pool.submit(run, job).result()
    outcome.processor_seconds = subject.server.processor_seconds() - used
    subject.server.check_alive()
    grown = subject.client.count() - before
    expected = len(outcome.latencies) if name.startswith("upload") else 0
    if grown != expected:
        raise WrongAnswer(f"{subject.name}: {expected} acknowledged, {grown} kept")
    return outcome


def _percentile(latencies: list[float], percent: int) -> float:
    return statistics.quantiles(latencies, n=100, method="inclusive")[percent - 1]
