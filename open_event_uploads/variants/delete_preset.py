"""A named size goes."""

from sqlalchemy.orm import Session

from open_event_uploads.database.transaction import write_transaction
from open_event_uploads.variants.save_preset import load_preset


def delete_preset(name: str, *, versions: frozenset[int] | None = None, session: Session) -> None:
    """Delete a named size; variants that have been made stay as long as their uploads.

    Args:
        name: which.
        versions: it must be one of these; None for any.
        session: has no transaction under way that matters; it is rolled back first.

    Raises:
        InvalidPreset: there is none.
        PreconditionFailed: it is another version.
    """
    with write_transaction(session):
        session.delete(load_preset(name, session, versions))
