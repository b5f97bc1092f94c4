"""Where bytes are kept: one contract, several backends, and the opener that picks one."""

from open_event_uploads.storage.contract import Storage, StoredObject
from open_event_uploads.storage.opener import open_storage

__all__ = ["Storage", "StoredObject", "open_storage"]
