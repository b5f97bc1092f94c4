"""Somebody proves who they are with email and password."""

import logging
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session as DatabaseSession

from open_event_uploads.accounts.email import normal_email
from open_event_uploads.accounts.hash_password import hash_password, is_outdated, is_password
from open_event_uploads.accounts.open_session import Session, open_session
from open_event_uploads.accounts.user import User
from open_event_uploads.database.transaction import write_transaction
from open_event_uploads.errors import InvalidAttribute, InvalidCredentials, UploadsError

log = logging.getLogger(__name__)


def sign_in(
    email: str, password: str, *, secret_keys: Sequence[str], session: DatabaseSession
) -> str:
    """Open a session, as `open_session` makes it.

    Args:
        email: as it was typed.
        password: as it was typed.
        secret_keys: the first signs.
        session: as of `check_credentials`.

    Raises:
        InvalidCredentials, PasswordsBusy: as of `check_credentials`.
    """
    proved = check_credentials(email, password, session=session)
    return open_session(proved, secret_keys=secret_keys)


def check_credentials(email: str, password: str, *, session: DatabaseSession) -> Session:
    """Who has this email and this password.

    What is answered, and how long that takes, is the same for an unknown email, a wrong password
    and somebody who may not sign in.

    Args:
        email: as it was typed.
        password: as it was typed.
        session: has no transaction under way that matters; it is rolled back first.

    Returns:
        What a session of theirs says.

    Raises:
        InvalidCredentials: the two do not belong together, or to nobody who may sign in.
        PasswordsBusy: there was no turn to check the password in time.
    """
    user_id, password_hash, active, credentials_version = _find(email, session)
    # No transaction is open while a password is checked.
    session.rollback()
    right = is_password(password, password_hash)
    if password_hash is None or not right or not active:
        raise InvalidCredentials
    if is_outdated(password_hash):
        _hash_again(user_id, password, password_hash, session)
    return Session(user_id, credentials_version)


def _find(email: str, session: DatabaseSession) -> tuple[str, str | None, bool, int]:
    try:
        address = normal_email(email)
    except InvalidAttribute:
        address = ""  # nobody's
    wanted = select(User.id, User.password_hash, User.active, User.credentials_version)
    found = session.execute(wanted.where(User.email == address)).one_or_none()
    if found is None:
        return "", None, False, 0
    return found.id, found.password_hash, found.active, found.credentials_version


def _hash_again(user_id: str, password: str, password_hash: str, session: DatabaseSession) -> None:
    """Keep the password as one is kept today; if that fails, there is a next time."""
    same = (User.id == user_id, User.password_hash == password_hash)
    try:
        values = {"password_hash": hash_password(password)}
        with write_transaction(session):
            statement = update(User).where(*same).values(values)
            session.execute(statement.execution_options(synchronize_session=False))
    except (UploadsError, SQLAlchemyError) as error:
        log.warning("a password was not hashed again: %s", type(error).__name__)
