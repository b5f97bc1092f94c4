"""Count and time what the server does, for Prometheus; imports nothing of this program."""

from open_event_uploads.metrics.instruments import (
    DATABASE,
    REFUSALS,
    STORAGE,
    STORAGE_FAILURES,
    VARIANTS,
    of_requests,
)
from open_event_uploads.metrics.shared import exposition, shared_metrics

__all__ = [
    "DATABASE",
    "REFUSALS",
    "STORAGE",
    "STORAGE_FAILURES",
    "VARIANTS",
    "exposition",
    "of_requests",
    "shared_metrics",
]
