"""Name where resumable uploads are kept."""

from dataclasses import dataclass

from sqlalchemy import Engine

from open_event_uploads.imaging.policy import FilePolicy
from open_event_uploads.storage import Storage


@dataclass(frozen=True, slots=True)
class Place:
    """A database and a storage that keep resumable uploads.

    Args:
        engine: of the database.
        storage: of their bytes.
        policy: what may be stored.
    """

    engine: Engine
    storage: Storage
    policy: FilePolicy
