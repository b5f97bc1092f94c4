"""Store bytes under keys: one contract, several backends, and the opener that picks one by URL.

Imports only `errors`, `metrics`, `fault_points`, `blocking` and `positioned_write`; knows no
formats, no SQL and no HTTP server.
"""

from open_event_uploads.storage.contract import Storage, StoredObject
from open_event_uploads.storage.opener import open_storage

__all__ = ["Storage", "StoredObject", "open_storage"]
