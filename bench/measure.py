"""Rounds that alternate between product and floor.

Whatever else the machine does meets both alike.
"""

import statistics
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from bench.client import Client, Exchange
from bench.load import Job, Outcome, WrongAnswer, run
from bench.servers import Server

_WARM_UP_SECONDS = 0.4


@dataclass(slots=True)
class Subject:
    """A server with what is asked of it.

    Args:
        server: is running.
        client: speaks with it.
        exchanges: what is measured, by name.
    """

    server: Server
    client: Client
    exchanges: dict[str, Exchange]


@dataclass(slots=True)
class Figures:
    """What one server did with one kind of request.

    Args:
        per_second: requests a second, a value for each round.
        latencies: seconds, one for each request of all rounds.
        peak_bytes: memory of all its processes.
    """

    per_second: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    peak_bytes: int = 0

    def percentile(self, percent: int) -> float:
        """The latency, in milliseconds, that so many of a hundred requests did not exceed."""
        return statistics.quantiles(self.latencies, n=100, method="inclusive")[percent - 1] * 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Args:
        name: of the kind of request.
        product: its figures.
        floor: its figures, from the same rounds.
    """

    name: str
    product: Figures
    floor: Figures

    def ratios(self) -> list[float]:
        """Requests a second of the product for each of the floor's, a value for each round."""
        pairs = zip(self.product.per_second, self.floor.per_second, strict=True)
        return [ours / theirs for ours, theirs in pairs]


def measure(  # noqa: PLR0913 - two servers and how to load them
    name: str,
    product: Subject,
    floor: Subject,
    *,
    rounds: int,
    seconds: float,
    pool: ProcessPoolExecutor,
    advance: Callable[[], None],
) -> Row:
    """One kind of request, on both.

    Args:
        name: of the kind of request.
        product: what is measured.
        floor: what it is measured against.
        rounds: windows for each; the order changes from one to the next.
        seconds: length of a window.
        pool: a process that sends the requests.
        advance: called after each window.

    Raises:
        WrongAnswer: a server answered wrongly, or did not keep what it said it had.
    """
    row = Row(name, Figures(), Figures())
    sides = [(product, row.product), (floor, row.floor)]
    for subject, _ in sides:
        _window(subject, name, _WARM_UP_SECONDS, pool)
        subject.server.reset_peak()
    for _ in range(rounds):
        for subject, figures in sides:
            _note(figures, _window(subject, name, seconds, pool))
            advance()
        sides.reverse()
    for subject, figures in sides:
        figures.peak_bytes = subject.server.peak_bytes()
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
        raise WrongAnswer(f"{subject.server.name}: {expected} acknowledged, {grown} kept")
    return outcome


def _note(figures: Figures, outcome: Outcome) -> None:
    figures.per_second.append(len(outcome.latencies) / outcome.seconds)
    figures.latencies.extend(outcome.latencies)
