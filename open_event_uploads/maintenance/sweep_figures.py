"""What the sweeper did last, for Prometheus: the same whichever worker is asked."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from open_event_uploads.database.read import read
from open_event_uploads.maintenance.instance import Instance


class SweepFigures(Collector):
    """Looked up when they are asked for; absent before the first sweep, or without a database.

    Args:
        engine: of the database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Three gauges."""
        query = select(Instance.swept_at, Instance.swept, Instance.swept_orphans)
        try:
            ((at, removed, orphans),) = read(self._engine, query)
        except SQLAlchemyError:
            return
        figures = {
            "uploads_sweep_timestamp_seconds": (
                "When a sweep last came to its end.",
                at.timestamp() if at else None,
            ),
            "uploads_sweep_removed": ("What it removed.", removed),
            "uploads_sweep_orphans": ("Objects without an upload that it found.", orphans),
        }
        for name, (help_, value) in figures.items():
            if value is not None:
                yield GaugeMetricFamily(name, help_, value)
