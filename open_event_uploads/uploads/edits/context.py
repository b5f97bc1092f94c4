"""Name what an edit needs from the application."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from open_event_uploads.errors import UploadsError
from open_event_uploads.storage import Storage
from open_event_uploads.uploads.processing import Processing


@dataclass(frozen=True, slots=True)
class EditContext:
    """Hold what an edit needs from the application.

    Args:
        engine: of the database.
        storage: of the files, which move when their visibility changes.
        processing: has the quotas.
        explain: says in words why an upload was not changed.
    """

    engine: Engine
    storage: Storage
    processing: Processing
    explain: Callable[[UploadsError], str] = str
