"""Revoke a token."""

from sqlalchemy import Engine, delete

from open_event_uploads.accounts.token import Token
from open_event_uploads.database.types import is_id
from open_event_uploads.database.write import write
from open_event_uploads.errors import NotFound


def revoke_token(token_id: str, *, engine: Engine) -> None:
    """Delete a token; from then on it is not valid.

    Raises:
        NotFound: there is no such token.
        DatabaseUnavailable: it is still valid.
    """
    statement = delete(Token).where(Token.id == token_id).returning(Token.id)
    if not is_id(token_id) or not write(engine, lambda execute: execute(statement)):
        raise NotFound("There is no such token.")
