"""Sign in with email and password."""

import logging
from collections.abc import Sequence

from sqlalchemy import Engine, bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from open_event_uploads.accounts.email import fold_email
from open_event_uploads.accounts.hash_password import hash_password, is_outdated, is_password
from open_event_uploads.accounts.open_session import Session, open_session
from open_event_uploads.accounts.user import User, UserRow
from open_event_uploads.database.read import Query
from open_event_uploads.database.write import write
from open_event_uploads.errors import InvalidCredentials, UploadsError

log = logging.getLogger(__name__)

_BY_EMAIL = Query(select(User).where(User.email == bindparam("email")), UserRow)


def sign_in(email: str, password: str, *, secret_keys: Sequence[str], engine: Engine) -> str:
    """Check credentials and return a session as `open_session` signs it.

    Raises:
        InvalidCredentials, PasswordsBusy: as of `check_credentials`.
    """
    session = check_credentials(email, password, engine=engine)
    return open_session(session, secret_keys=secret_keys)


def check_credentials(email: str, password: str, *, engine: Engine) -> Session:
    """Return the session of the user with this email and this password.

    The answer, and the time that it takes, are the same for an unknown email, a wrong password and
    a disabled user.

    Raises:
        InvalidCredentials: the two do not match, or the user may not sign in.
        PasswordsBusy: too many passwords are being checked.
    """
    user = _BY_EMAIL.first(engine, {"email": fold_email(email)})
    is_right = is_password(password, user.password_hash if user else None)
    if user is None or user.password_hash is None or not is_right or not user.active:
        raise InvalidCredentials
    if is_outdated(user.password_hash):
        _rehash(user, password, engine)
    return Session(user.id, user.credentials_version)


def _rehash(user: UserRow, password: str, engine: Engine) -> None:
    """Store the hash with today's parameters; if that fails, the next time may succeed."""
    same = (User.id == user.id, User.password_hash == user.password_hash)
    try:
        statement = update(User).where(*same).values(password_hash=hash_password(password))
        write(engine, lambda execute: execute(statement))
    except (UploadsError, SQLAlchemyError) as error:
        log.warning("a password was not hashed again: %s", type(error).__name__)
