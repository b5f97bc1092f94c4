"""The `filter` family of query parameters (JSON:API 1.1, "Filtering", leaves its meaning to us).

Reading gives conditions, which know nothing of requests; a condition gives its SQL.
"""

from open_event_uploads.jsonapi.filters.conditions import Filter
from open_event_uploads.jsonapi.filters.read import read_filters

__all__ = ["Filter", "read_filters"]
