"""Find the user whom an operator names."""

from sqlalchemy import Engine, select

from open_event_uploads.accounts.email import fold_email
from open_event_uploads.accounts.user import User, UserRow
from open_event_uploads.database.read import read
from open_event_uploads.database.types import is_id
from open_event_uploads.errors import InvalidAccount


def find_user(name: str, *, engine: Engine) -> UserRow:
    """Return the user with this id or email.

    Raises:
        InvalidAccount: there is no such user.
    """
    is_named = User.id == name if is_id(name) else User.email == fold_email(name)
    found = read(engine, select(User).where(is_named), UserRow)
    if not found:
        raise InvalidAccount("no user has this email or id; `users list` prints all users")
    return found[0]
