"""When a token was last used, roughly."""

import logging

from sqlalchemy import or_, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from open_event_uploads.accounts.authenticate import USE_KNOWN_TO
from open_event_uploads.accounts.token import Token
from open_event_uploads.database.transaction import write_transaction
from open_event_uploads.database.types import now
from open_event_uploads.errors import UploadsError

log = logging.getLogger(__name__)


def record_use(token_id: str, *, session: Session) -> None:
    """Note that a token is in use; where that cannot be, the log says so and nobody else.

    Args:
        token_id: which.
        session: has no transaction under way that matters; it is rolled back first.
    """
    at = now()
    statement = (
        update(Token)
        # Of many requests at once one writes.
        .where(
            Token.id == token_id,
            or_(Token.last_used_at.is_(None), Token.last_used_at <= at - USE_KNOWN_TO),
        )
        .values(last_used_at=at)
        .execution_options(synchronize_session=False)
    )
    try:
        with write_transaction(session):
            session.execute(statement)
    except (UploadsError, SQLAlchemyError) as error:
        log.warning("the use of token %s was not recorded: %s", token_id, type(error).__name__)
