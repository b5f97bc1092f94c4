"""Report the sweeper's last run to Prometheus."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from open_event_uploads.database.read import read
from open_event_uploads.maintenance.instance import Instance


class SweepFigures(Collector):
    """Read the last run from the database; report nothing before it or without a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Return three gauges."""
        query = select(Instance.swept_at, Instance.swept, Instance.swept_orphans)
        try:
            ((at, removed, orphans),) = read(self._engine, query)
        except SQLAlchemyError:
            return
        figures = {
            "uploads_sweep_timestamp_seconds": (
                "When the last sweep ended.",
                at.timestamp() if at else None,
            ),
            "uploads_sweep_removed": ("Uploads and objects that it removed.", removed),
            "uploads_sweep_orphans": ("Objects without an upload that it found.", orphans),
        }
        for name, (help_, value) in figures.items():
            if value is not None:
                yield GaugeMetricFamily(name, help_, value)
