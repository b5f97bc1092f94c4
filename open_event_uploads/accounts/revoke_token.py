"""Revoke a token, and the tokens that it created."""

from functools import partial

from sqlalchemy import Engine, Executable, delete, select

from open_event_uploads.accounts.token import Token
from open_event_uploads.accounts.update_user import lock_user
from open_event_uploads.database.read import read
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import is_id
from open_event_uploads.database.write import write
from open_event_uploads.errors import NotFound


def revoke_token(token_id: str, *, engine: Engine) -> int:
    """Delete a token and all that were created with it; from then on none of them is valid.

    Whoever stole a token may have created others with it.

    Returns:
        The number of tokens that were revoked.

    Raises:
        NotFound: there is no such token.
        DatabaseUnavailable: all of them are still valid.
    """
    revoked = write(engine, partial(_revoke, token_id)) if is_id(token_id) else 0
    if not revoked:
        raise NotFound("There is no such token.")
    return revoked


def _revoke(token_id: str, execute: Execute) -> int:
    found = read(execute, select(Token.user_id).where(Token.id == token_id))
    if not found:
        return 0
    (user_id,) = found[0]
    # Whoever creates a token locks its user too, so none is added to these meanwhile.
    lock_user(user_id, execute)
    return len(execute(_delete_with_descendants(token_id, user_id)))


def _delete_with_descendants(token_id: str, user_id: str) -> Executable:
    found = select(Token.id).where(Token.id == token_id).cte("found", recursive=True)
    children = select(Token.id).join(found, Token.parent_id == found.c.id)
    every = found.union(children.where(Token.user_id == user_id))
    return delete(Token).where(Token.id.in_(select(every.c.id))).returning(Token.id)
