"""Define every metric. A label's value comes from a short list of ours, never from a client.

All are counters or histograms, so that those of several workers can be added. All have a label: a
metric without one is created at import, before `shared_metrics` can move it to files.
"""

from bisect import bisect_left
from functools import lru_cache
from typing import Any, NamedTuple, Self

from prometheus_client import CollectorRegistry, Counter, Histogram

# Not the library's default registry, which also has metrics of this process and its interpreter.
REGISTRY = CollectorRegistry()

# Upper bounds in seconds. A request may wait for a large image, a statement hardly ever waits.
_REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_PART_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30)


def _count(name: str, help_: str, *labels: str) -> Counter:
    return Counter(name, help_, labels, registry=REGISTRY)


class _Timer(Histogram):
    """A histogram that observes in half the time of the library's (prometheus-client 0.26).

    An upload makes ten observations.
    """

    def labels(self, *labelvalues: Any, **labelkwargs: Any) -> Self:  # noqa: ANN401 - the library's signature
        """Return the child with these labels; the library would check them again, under a lock."""
        found: Any = self._metrics.get(labelvalues)
        made: Self = found or super().labels(*labelvalues, **labelkwargs)
        return made

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:  # noqa: ARG002 - the library's signature
        """Add a time in seconds."""
        self._sum.inc(amount)
        self._buckets[bisect_left(self._upper_bounds, amount)].inc(1)


def _time(name: str, help_: str, *labels: str, buckets: tuple[float, ...]) -> Histogram:
    return _Timer(name, help_, labels, buckets=buckets, registry=REGISTRY)


REQUESTS = _count("uploads_http_requests", "Requests answered.", "method", "route", "status")
SECONDS = _time(
    "uploads_http_request_seconds",
    "Time from a received request to the head of its response.",
    "method",
    "route",
    buckets=_REQUEST_BUCKETS,
)
RECEIVED = _count(
    "uploads_http_received_bytes",
    "Bytes of the bodies of requests that were not refused.",
    "route",
)
SENT = _count(
    "uploads_http_sent_bytes", "Bytes of the bodies of responses, by Content-Length.", "route"
)
REFUSALS = _count("uploads_refusals", "Responses with an error, by its code.", "code")
VARIANTS = _count("uploads_variants_made", "Variants rendered, by their format.", "format")
STORAGE = _time(
    "uploads_storage_seconds",
    "Time for one operation of the storage.",
    "operation",
    buckets=_PART_BUCKETS,
)
STORAGE_FAILURES = _count(
    "uploads_storage_failures", "Operations of the storage that failed.", "operation"
)
DATABASE = _time(
    "uploads_database_seconds",
    "Time for one statement of the database, or a commit.",
    "statement",
    buckets=_PART_BUCKETS,
)
ALL = (REQUESTS, SECONDS, RECEIVED, SENT, REFUSALS, VARIANTS, STORAGE, STORAGE_FAILURES, DATABASE)


class RequestMetrics(NamedTuple):
    """Hold the metrics of one kind of request, with their labels set."""

    answered: Counter
    seconds: Histogram
    received: Counter
    sent: Counter

    def add(self, seconds: float, sent_bytes: int) -> None:
        """Count a request that has been answered."""
        self.answered.inc()
        self.seconds.observe(seconds)
        self.sent.inc(sent_bytes)


@lru_cache(1000)
def of_requests(method: str, route: str, status: int) -> RequestMetrics:
    """Return the metrics of a kind of request; cached, because the library's look-up is slow."""
    return RequestMetrics(
        REQUESTS.labels(method, route, str(status)),
        SECONDS.labels(method, route),
        RECEIVED.labels(route),
        SENT.labels(route),
    )


def reset() -> None:
    """Set every metric of this process to zero."""
    of_requests.cache_clear()
    for each in ALL:
        each.clear()
