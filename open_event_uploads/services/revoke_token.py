"""A token ends."""

from sqlalchemy.orm import Session

from open_event_uploads.errors import NotFound
from open_event_uploads.models import Token
from open_event_uploads.models.base import is_id
from open_event_uploads.models.transaction import write_transaction


def revoke_token(token_id: str, *, session: Session) -> None:
    """Forget a token; from then on it is nobody's.

    Args:
        token_id: of the token, which is no secret.
        session: has no transaction under way that matters; it is rolled back first.

    Raises:
        NotFound: there is none.
        DatabaseUnavailable: it is still valid.
    """
    with write_transaction(session):
        found = session.get(Token, token_id) if is_id(token_id) else None
        if found is None:
            raise NotFound("There is no such token.")
        session.delete(found)
