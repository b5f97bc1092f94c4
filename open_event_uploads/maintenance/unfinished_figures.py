"""Count unfinished uploads, for Prometheus and for the overview of admins."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from open_event_uploads.database.read import read
from open_event_uploads.uploads.resumable.model import ResumableUpload, reserved_bytes


def count_unfinished(engine: Engine) -> tuple[int, int]:
    """Return how many resumable uploads are not finished, and the bytes that they reserve.

    An index has the unfinished ones alone.
    """
    table = ResumableUpload
    sums = select(func.count(), func.coalesce(func.sum(reserved_bytes()), 0))
    ((uploads, size),) = read(engine, sums.select_from(table).where(table.upload_id.is_(None)))
    return uploads, int(size)


class UnfinishedFigures(Collector):
    """Count resumable uploads that are not finished; report nothing without a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Return two gauges."""
        try:
            uploads, size = count_unfinished(self._engine)
        except SQLAlchemyError:
            return
        yield GaugeMetricFamily(
            "uploads_unfinished", "Resumable uploads that are not finished.", uploads
        )
        yield GaugeMetricFamily(
            "uploads_unfinished_bytes", "Bytes that they reserve of quotas.", size
        )
