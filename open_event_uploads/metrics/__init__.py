"""What the server counts and times, for Prometheus; whoever does something says so here."""

from open_event_uploads.metrics.instruments import (
    DATABASE,
    RECEIVED,
    REFUSALS,
    REQUESTS,
    SECONDS,
    SENT,
    STORAGE,
    STORAGE_FAILURES,
    VARIANTS,
)
from open_event_uploads.metrics.shared import exposition, shared_metrics

__all__ = [
    "DATABASE",
    "RECEIVED",
    "REFUSALS",
    "REQUESTS",
    "SECONDS",
    "SENT",
    "STORAGE",
    "STORAGE_FAILURES",
    "VARIANTS",
    "exposition",
    "shared_metrics",
]
