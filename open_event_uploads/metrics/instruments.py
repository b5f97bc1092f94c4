"""Every instrument. What a label may say is a short list of ours, never a client's word.

All of them add up, so that those of several workers can be added; and all have a label, because
only what has one is kept where `shared_metrics` says (a metric without labels is made at import).
"""

from functools import lru_cache
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram

# Not the library's own registry, which tells of this one process and its interpreter, too.
REGISTRY = CollectorRegistry()

# Seconds. A request may wait for a slow client or a large picture, a statement hardly ever.
_REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_PART_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30)

REQUESTS = Counter(
    "uploads_http_requests",
    "Requests answered.",
    ["method", "route", "status"],
    registry=REGISTRY,
)
SECONDS = Histogram(
    "uploads_http_request_seconds",
    "From a request that is whole to the head of its answer.",
    ["method", "route"],
    buckets=_REQUEST_BUCKETS,
    registry=REGISTRY,
)
RECEIVED = Counter(
    "uploads_http_received_bytes",
    "Bodies of requests that were not refused.",
    ["route"],
    registry=REGISTRY,
)
SENT = Counter(
    "uploads_http_sent_bytes",
    "Bodies of answers, as announced.",
    ["route"],
    registry=REGISTRY,
)
REFUSALS = Counter(
    "uploads_refusals",
    "Answers with an error, by the code of its document.",
    ["code"],
    registry=REGISTRY,
)
VARIANTS = Counter(
    "uploads_variants_made",
    "Other sizes that were made, by their format.",
    ["format"],
    registry=REGISTRY,
)
STORAGE = Histogram(
    "uploads_storage_seconds",
    "What the storage took for one operation.",
    ["operation"],
    buckets=_PART_BUCKETS,
    registry=REGISTRY,
)
STORAGE_FAILURES = Counter(
    "uploads_storage_failures",
    "Operations that the storage could not do.",
    ["operation"],
    registry=REGISTRY,
)
DATABASE = Histogram(
    "uploads_database_seconds",
    "What the database took for one statement, or for a commit.",
    ["statement"],
    buckets=_PART_BUCKETS,
    registry=REGISTRY,
)
ALL = (REQUESTS, SECONDS, RECEIVED, SENT, REFUSALS, VARIANTS, STORAGE, STORAGE_FAILURES, DATABASE)


class OfRequests(NamedTuple):
    """The instruments of one kind of request, its labels said."""

    answered: Counter
    seconds: Histogram
    received: Counter
    sent: Counter

    def add(self, seconds: float, sent_bytes: int) -> None:
        """Count one that has been answered.

        Args:
            seconds: from when it was whole to the head of its answer.
            sent_bytes: of the answer's body.
        """
        self.answered.inc()
        self.seconds.observe(seconds)
        self.sent.inc(sent_bytes)


@lru_cache(1000)
def of_requests(method: str, route: str, status: int) -> OfRequests:
    """What counts the requests that are alike; kept, since the library looks each up anew.

    Args:
        method: of HTTP.
        route: its template.
        status: of the answer.
    """
    return OfRequests(
        REQUESTS.labels(method, route, str(status)),
        SECONDS.labels(method, route),
        RECEIVED.labels(route),
        SENT.labels(route),
    )


def begin_anew() -> None:
    """Forget everything that was counted in this process."""
    of_requests.cache_clear()
    for each in ALL:
        each.clear()
