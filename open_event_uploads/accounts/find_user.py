"""Whom an operator means."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from open_event_uploads.accounts.email import normal_email
from open_event_uploads.accounts.user import User
from open_event_uploads.database.types import is_id
from open_event_uploads.errors import InvalidAccount, InvalidAttribute


def find_user(who: str, *, session: Session) -> User:
    """The user with an id, or with an email.

    Raises:
        InvalidAccount: there is none.
    """
    if is_id(who):
        found = session.get(User, who)
    else:
        found = session.scalar(select(User).where(User.email == _email(who)))
    if found is None:
        raise InvalidAccount("there is no such user; `users list` shows who there is")
    return found


def _email(who: str) -> str:
    try:
        return normal_email(who)
    except InvalidAttribute:
        raise InvalidAccount("name a user by email or id") from None
