"""Update a user: attributes, password, and whether the account is active."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import Engine

from open_event_uploads.accounts.conditions import UNCONDITIONAL, Conditions
from open_event_uploads.accounts.create_user import check_name, duplicate_email_is_taken
from open_event_uploads.accounts.email import fold_email, normalize_email
from open_event_uploads.accounts.hash_password import hash_password
from open_event_uploads.accounts.last_admin import check_admin_remains
from open_event_uploads.accounts.user import UserRow
from open_event_uploads.database.rows import lock, update
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.write import write
from open_event_uploads.errors import NotFound


def update_user(
    user_id: str,
    changes: Mapping[str, Any],
    *,
    conditions: Conditions = UNCONDITIONAL,
    engine: Engine,
) -> UserRow:
    """Change a user in one transaction.

    A new password or role ends all sessions, and so does disabling the user. Tokens stay, and are
    not valid while the user is disabled.

    Args:
        user_id: of the user.
        changes: new values of `name`, `email`, `role`, `active` and `password`.
        conditions: that must hold.
        engine: of the database.

    Returns:
        The user after the change.

    Raises:
        NotFound: there is no such user.
        PreconditionFailed, ChangedMeanwhile: as of `Conditions.check`; nothing has changed.
        LastAdmin: no active admin would be left; nothing has changed.
        InvalidAttribute, EmailTaken: nothing has changed.
        PasswordsBusy, DatabaseUnavailable: nothing has changed.
    """
    columns = _columns(changes)
    with duplicate_email_is_taken():
        return write(engine, partial(_update, user_id, columns, conditions))


def _update(
    user_id: str, columns: dict[str, Any], conditions: Conditions, execute: Execute
) -> UserRow:
    if conditions.keeps_admin and (attribute := _ends_admin(columns)):
        check_admin_remains(user_id, execute, attribute=attribute)
    user = lock_user(user_id, execute)
    conditions.check(user)
    if columns.get("email") is not None:
        columns = {**columns, "email": _spell_email(columns["email"], user)}
    is_disabled = user.active and columns.get("active") is False
    has_new_role = columns.get("role", user.role) != user.role
    if "password_hash" in columns or is_disabled or has_new_role:
        columns = {**columns, "credentials_version": user.credentials_version + 1}
    return update(execute, user, columns)


def _ends_admin(columns: Mapping[str, Any]) -> str | None:
    """Return the attribute after whose change nobody is an active admin; None if there is none."""
    if columns.get("role", "admin") != "admin":
        return "role"
    return "active" if columns.get("active") is False else None


def _columns(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the new values by column; a password is hashed before the transaction begins."""
    found = dict(changes)
    if "password" in found:
        found["password_hash"] = hash_password(found.pop("password"))
    if "name" in found:
        found["name"] = check_name(found["name"])
    return found


def _spell_email(text: str, user: UserRow) -> str:
    """Return an email as it is stored; the user's own stays, even if only older versions allow it.

    Clients send whole records, and so do forms.
    """
    return user.email if fold_email(text) == user.email else normalize_email(text)


def lock_user(user_id: str, execute: Execute) -> UserRow:
    """Return a user whom nobody else can change until the transaction ends.

    Raises:
        NotFound: there is no such user.
    """
    found = lock(execute, UserRow, user_id)
    if found is None:
        raise NotFound("There is no such user.")
    return found
