"""Read-only mode, for while the database moves."""

from open_event_uploads.context import current_settings
from open_event_uploads.errors import ReadOnly


def refuse_writes() -> None:
    """Stop where nothing may be written.

    Raises:
        ReadOnly: `UPLOADS_READ_ONLY` is on.
    """
    if current_settings().read_only:
        raise ReadOnly
