"""Record roughly when a token was last used."""

import logging

from sqlalchemy import Engine, or_, update
from sqlalchemy.exc import SQLAlchemyError

from open_event_uploads.accounts.token import USE_KNOWN_TO, Token
from open_event_uploads.database.types import now
from open_event_uploads.database.write import write
from open_event_uploads.errors import UploadsError

log = logging.getLogger(__name__)


def record_use(token_id: str, *, engine: Engine) -> None:
    """Record that a token is in use; log a failure, because no request may fail by it."""
    at = now()
    statement = (
        update(Token)
        # Of many requests at once one writes.
        .where(
            Token.id == token_id,
            or_(Token.last_used_at.is_(None), Token.last_used_at <= at - USE_KNOWN_TO),
        )
        .values(last_used_at=at)
    )
    try:
        write(engine, lambda execute: execute(statement))
    except (UploadsError, SQLAlchemyError) as error:
        log.warning("the use of token %s was not recorded: %s", token_id, type(error).__name__)
