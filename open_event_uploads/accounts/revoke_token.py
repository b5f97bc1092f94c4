"""A token ends."""

from sqlalchemy.orm import Session

from open_event_uploads.accounts.token import Token
from open_event_uploads.database.transaction import write_transaction
from open_event_uploads.database.types import is_id
from open_event_uploads.errors import NotFound


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
