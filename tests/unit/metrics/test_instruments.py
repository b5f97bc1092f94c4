"""Observations count as the library's do."""

import math

from prometheus_client import CollectorRegistry, Histogram, generate_latest

from open_event_uploads.metrics.instruments import _Timer

BUCKETS = (0.005, 0.1, 1.0)
TIMES = (0.0, 0.004, 0.005, 0.0050001, 0.1, 0.5, 1.0, 7.0, math.inf)


def exposed(kind: type[Histogram]) -> list[str]:
    registry = CollectorRegistry()
    made = kind("seconds", "Time.", ["what"], buckets=BUCKETS, registry=registry)
    for what in ("read", "write"):
        for time in TIMES:
            made.labels(what).observe(time)
    lines = generate_latest(registry).decode().splitlines()
    return [each for each in lines if "_created" not in each]


def test_a_time_is_counted_where_the_library_counts_it() -> None:
    assert exposed(_Timer) == exposed(Histogram)
    assert 'seconds_bucket{le="0.005",what="read"} 3.0' in exposed(_Timer)


def test_the_child_of_a_label_is_made_once_and_anew_after_a_reset() -> None:
    timer = _Timer("seconds", "Time.", ["what"], buckets=BUCKETS, registry=CollectorRegistry())
    child = timer.labels("read")
    assert timer.labels("read") is child
    assert timer.labels(what="read") is child
    timer.clear()
    assert timer.labels("read") is not child
