"""An account changes: what it says, its password, or whether it may be used."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from open_event_uploads.accounts.create_user import check_name, refuse_taken, taken_if_twice
from open_event_uploads.accounts.email import normal_email
from open_event_uploads.accounts.hash_password import hash_password
from open_event_uploads.accounts.user import User
from open_event_uploads.database.transaction import write_transaction
from open_event_uploads.errors import NotFound, PreconditionFailed


def update_user(
    user_id: str,
    changes: Mapping[str, Any],
    *,
    versions: frozenset[int] | None = None,
    session: Session,
) -> User:
    """Change an account in one transaction.

    Another password, and being disabled, end all sessions; tokens go on with the account, and
    have no effect as long as it is disabled.

    Args:
        user_id: whose.
        changes: new values of `name`, `email`, `role`, `active` and `password`.
        versions: the account must be one of these; None for any.
        session: has no transaction under way that matters; it is rolled back first.

    Returns:
        The user as it is now.

    Raises:
        NotFound: there is no such user.
        PreconditionFailed: it is another version; nothing has changed.
        InvalidAttribute, EmailTaken: nothing has changed.
        PasswordsBusy, DatabaseUnavailable: nothing has changed.
    """
    columns = _columns(changes)
    with taken_if_twice(), write_transaction(session):
        user = locked_user(user_id, session)
        check_user_version(user, versions)
        differing = {name: each for name, each in columns.items() if getattr(user, name) != each}
        refuse_taken(differing.get("email"), session)
        if "password_hash" in differing or differing.get("active") is False:
            user.credentials_version += 1
        for name, value in differing.items():
            setattr(user, name, value)
    return user


def _columns(changes: Mapping[str, Any]) -> dict[str, Any]:
    """What the row is to hold; a password is hashed before any transaction is open."""
    found = dict(changes)
    if "password" in found:
        found["password_hash"] = hash_password(found.pop("password"))
    if found.get("email") is not None:
        found["email"] = normal_email(found["email"])
    if "name" in found:
        found["name"] = check_name(found["name"])
    return found


def locked_user(user_id: str, session: Session) -> User:
    """The user as it is in this transaction, whom nobody else can change until it ends.

    Raises:
        NotFound: there is none.
    """
    found = session.get(User, user_id, populate_existing=True, with_for_update=True)
    if found is None:
        raise NotFound("There is no such user.")
    return found


def check_user_version(user: User, versions: frozenset[int] | None) -> None:
    """Make sure that a client knows what it is about to change (RFC 9110, section 13.1.1).

    Raises:
        PreconditionFailed: the user is at another version than these; None allows any.
    """
    if versions is not None and user.version not in versions:
        raise PreconditionFailed(
            "The user has changed since the version that If-Match names.", header="If-Match"
        )
