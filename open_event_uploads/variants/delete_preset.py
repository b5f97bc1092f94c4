"""Delete a preset."""

from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import write_transaction
from open_event_uploads.variants.save_preset import load_preset


def delete_preset(name: str, *, versions: frozenset[int] | None = None, session: Session) -> None:
    """Delete a preset; variants made by it stay until the sweeper removes them.

    Args:
        name: of the preset.
        versions: one of which the preset must have; None for any.
        session: its open transaction, if any, is rolled back.

    Raises:
        InvalidPreset: there is no such preset.
        PreconditionFailed: it has another version.
    """
    with write_transaction(session):
        session.delete(load_preset(name, session, versions))
