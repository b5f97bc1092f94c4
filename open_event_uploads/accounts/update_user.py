"""Update a user: attributes, password, and whether the account is active."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import Engine

from open_event_uploads.accounts.create_user import check_name, duplicate_email_is_taken
from open_event_uploads.accounts.email import fold_email, normalize_email
from open_event_uploads.accounts.hash_password import hash_password
from open_event_uploads.accounts.user import UserRow
from open_event_uploads.database.rows import check_version, lock, update
from open_event_uploads.database.statement import Execute
from open_event_uploads.database.write import write
from open_event_uploads.errors import NotFound


def update_user(
    user_id: str,
    changes: Mapping[str, Any],
    *,
    versions: frozenset[int] | None = None,
    engine: Engine,
) -> UserRow:
    """Change a user in one transaction.

    A new password ends all sessions, and so does disabling the user. Tokens stay, and are not valid
    while the user is disabled.

    Args:
        user_id: of the user.
        changes: new values of `name`, `email`, `role`, `active` and `password`.
        versions: one of which the user must have; None for any.
        engine: of the database.

    Returns:
        The user after the change.

    Raises:
        NotFound: there is no such user.
        PreconditionFailed: the user has another version; nothing has changed.
        InvalidAttribute, EmailTaken: nothing has changed.
        PasswordsBusy, DatabaseUnavailable: nothing has changed.
    """
    columns = _columns(changes)
    with duplicate_email_is_taken():
        return write(engine, partial(_update, user_id, columns, versions))


def _update(
    user_id: str, columns: dict[str, Any], versions: frozenset[int] | None, execute: Execute
) -> UserRow:
    user = lock_user(user_id, execute)
    check_version(user, versions)
    if columns.get("email") is not None:
        columns = {**columns, "email": _spell_email(columns["email"], user)}
    is_disabled = user.active and columns.get("active") is False
    if "password_hash" in columns or is_disabled:
        columns = {**columns, "credentials_version": user.credentials_version + 1}
    return update(execute, user, columns)


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
