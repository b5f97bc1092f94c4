"""Delete a user."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from sqlalchemy import Column, Engine, delete
from sqlalchemy.exc import IntegrityError

from open_event_uploads.accounts.conditions import UNCONDITIONAL, Conditions
from open_event_uploads.accounts.last_admin import check_admin_remains
from open_event_uploads.accounts.token import Token
from open_event_uploads.accounts.update_user import lock_user
from open_event_uploads.accounts.user import User
from open_event_uploads.database import rows
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.types import Base
from open_event_uploads.database.write import write
from open_event_uploads.errors import UserOwnsUploads
from open_event_uploads.jsonapi.idempotency_key import IdempotencyKey

# Gives what one user owns to another: called with the transaction and both ids.
Reassign = Callable[[Execute, str, str], None]


def delete_user(
    user_id: str,
    *,
    reassign_to: str | None = None,
    reassign: Reassign | None = None,
    conditions: Conditions = UNCONDITIONAL,
    engine: Engine,
) -> None:
    """Delete a user and their tokens in one transaction.

    Args:
        user_id: of the user.
        reassign_to: the id of the user who gets what this one owns; None if it must be nothing.
        reassign: gives it to them; needed with `reassign_to`.
        conditions: that must hold.
        engine: of the database.

    Raises:
        NotFound: one of the users does not exist.
        PreconditionFailed, ChangedMeanwhile: as of `Conditions.check`; nothing has changed.
        LastAdmin: no active admin would be left; nothing has changed.
        UserOwnsUploads: the user owns uploads that are not reassigned; nothing has changed.
        DatabaseUnavailable: nothing has changed.
    """
    write(engine, partial(_delete, user_id, reassign_to or user_id, reassign, conditions))


def _delete(
    user_id: str,
    heir_id: str,
    reassign: Reassign | None,
    conditions: Conditions,
    execute: Execute,
) -> None:
    if conditions.keeps_admin:
        check_admin_remains(user_id, execute, other=heir_id)
    # In the order of ids, so that two deletions never wait for each other.
    locked = {each: lock_user(each, execute) for each in sorted({user_id, heir_id})}
    conditions.check(locked[user_id])
    _delete_dependents(user_id, execute)
    if reassign is not None and heir_id != user_id:
        reassign(execute, user_id, heir_id)
    execute(delete(Token).where(Token.user_id == user_id))
    execute(delete(IdempotencyKey).where(IdempotencyKey.user_id == user_id))
    try:
        rows.delete(execute, locked[user_id])
    except IntegrityError:  # what is left that refers to a user are uploads
        raise UserOwnsUploads(
            "The user owns uploads; disable the user, or name another who gets the uploads."
        ) from None


def _delete_dependents(user_id: str, execute: Execute) -> None:
    """Delete the rows that go with a user, of every feature, before anything else is locked.

    PostgreSQL would delete them in an order of its own (ON DELETE CASCADE). Others lock such a row
    first, and the user's count of bytes last: both would wait for each other. The count, whose key
    is the user, is left to the database.
    """
    for column in _dependent_columns():
        execute(delete(column.table).where(column == user_id))


@cache
def _dependent_columns() -> tuple[Column[Any], ...]:
    return tuple(
        key.parent
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table is User.__table__ and key.ondelete == "CASCADE"
        if not key.parent.primary_key
    )
