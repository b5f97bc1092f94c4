"""The first account: without one nobody could make the others."""

import secrets
from dataclasses import dataclass, field

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from open_event_uploads.accounts.create_token import NewToken, create_token
from open_event_uploads.accounts.create_user import NewUser, create_user
from open_event_uploads.accounts.user import User
from open_event_uploads.errors import EmailTaken

EMAIL = "admin@localhost"
_PASSWORD_BYTES = 18


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """How the first admin gets in; it is known now and never again.

    Args:
        email: to sign in with.
        password: to sign in with.
        token: for programs.
    """

    email: str
    password: str = field(repr=False)
    token: str = field(repr=False)


def make_first_admin(*, session: Session) -> FirstAdmin | None:
    """Make an admin where nobody has an account.

    Returns:
        None where somebody has one, be it since a moment ago.

    Raises:
        DatabaseUnavailable: nothing is made.
    """
    somebody = session.scalar(select(exists().select_from(User)))
    session.rollback()
    if somebody:
        return None
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    try:
        admin = create_user(
            NewUser("Admin", email=EMAIL, role="admin", password=password), session=session
        )
    except EmailTaken:
        return None  # another server that starts was first
    token = create_token(NewToken(admin.id, name="The first"), session=session)
    return FirstAdmin(EMAIL, password, token.secret)
