"""Give an edit what it needs from the current application."""

from open_event_uploads.admin.explain import explain
from open_event_uploads.context import current_storage, db
from open_event_uploads.uploads.edits.context import EditContext
from open_event_uploads.uploads.processing import current_processing


def current_edit_context() -> EditContext:
    """Return the database, the storage, the quotas, and reasons in the admin's language."""
    return EditContext(db.engine, current_storage(), current_processing(), explain)
