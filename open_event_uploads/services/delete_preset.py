"""A named size goes."""

from sqlalchemy.orm import Session

from open_event_uploads.models.transaction import write_transaction
from open_event_uploads.services.save_preset import found_preset


def delete_preset(name: str, *, session: Session) -> None:
    """Delete a named size; variants that have been made stay as long as their uploads.

    Raises:
        InvalidPreset: there is none.
    """
    with write_transaction(session):
        session.delete(found_preset(name, session))
