"""Give an edit what it works with in the current application."""

from open_event_uploads.admin.explain import explain
from open_event_uploads.context import current_storage, db
from open_event_uploads.uploads.edits.workplace import Workplace
from open_event_uploads.uploads.processing import current_processing


def current_workplace() -> Workplace:
    """Return the database, the storage, the quotas, and reasons in the admin's language."""
    return Workplace(db.engine, current_storage(), current_processing(), explain)
